import { loadSteering, redirect } from "@afxdp/bpf";
import { ERRNO, POLLOUT, XDP_PKT_CONTD } from "@afxdp/core";
import { createLinuxKernel } from "@afxdp/native";
import { ethernet } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { afxdp } from "afxdp";
import { afterEach, beforeEach, expect, it } from "vitest";
import { RawSender } from "./support/raw-sender.js";

const FRAME = 2048;
/** Entries of each ring of a RawSender. */
const ENTRIES = 32;

/** Rules of the kernel that no other test shows, see packages/driver/docs/kernel-rules.md. */
describeOnKernel("the kernel's rule", () => {
  const kernel = createLinuxKernel();
  const lab = useLab({ ipv6: false });
  let sender: RawSender;
  beforeEach(() => {
    sender = new RawSender(kernel, lab.a.device, { frameCount: 128, frameSize: FRAME });
    const packet = ethernet({ to: lab.b.mac, from: lab.a.mac });
    for (let i = 0; i < 128; i++) sender.umem.bytes.set(packet, i * FRAME);
  });
  afterEach(() => sender.close());

  /** Puts packets into the tx ring, and nothing else. */
  const put = (count: number): void => {
    sender.submit(Array.from({ length: count }, (_, i) => [i * FRAME, 64, 0] as const));
  };
  const kick = (): number => kernel.kickTx(sender.fd, 1);

  it("a kick that meets an invalid descriptor says success, and leaves what is behind it", () => {
    sender.submit([
      [0, 64, 0],
      [128 * FRAME, 64, 0],
      [FRAME, 64, 0],
    ]);
    expect(kick()).toBe(0);
    expect(sender.tx.pending()).toBe(1);
    expect(kick()).toBe(0);
    expect(sender.tx.pending()).toBe(0);
    expect(kernel.statistics(sender.fd).txInvalidDescs).toBe(1);
  });

  it("a chain without its end waits, and becomes one packet with what comes next", async () => {
    const leave = lab.b.enter();
    const sized = afxdp(lab.b.device).umem({ frameCount: 64 }).fill(32).completion(32).rx(32);
    const peer = await sized.program(redirect.etherType(0x88b5)).open();
    leave();
    sender.submit([[0, 64, XDP_PKT_CONTD]]);
    expect(kick()).toBe(0);
    expect(sender.tx.pending()).toBe(0);
    expect(await peer.readable({ timeoutMs: 100 })).toBe(false);
    sender.submit([[FRAME, 64, 0]]);
    expect(kick()).toBe(0);
    expect(await peer.readable({ timeoutMs: 5000 })).toBe(true);
    const lengths: number[] = [];
    peer.receive((batch) => void lengths.push(batch.length(0), batch.count));
    expect(lengths).toEqual([128, 1]);
    await peer.close();
  });

  it("with a full completion ring a kick says EAGAIN and takes nothing", () => {
    put(ENTRIES);
    expect(kick()).toBe(0);
    expect(sender.tx.pending()).toBe(0);
    put(1);
    expect(kick()).toBe(-ERRNO.EAGAIN);
    expect(sender.tx.pending()).toBe(1);
  });

  it("poll says POLLOUT only while the tx ring is at most half full", () => {
    put(ENTRIES);
    expect(kick()).toBe(0); // the completion ring is full now, so that nothing more is taken
    put(ENTRIES / 2);
    expect(kernel.wait(sender.fd, POLLOUT, 0, -1)).toBe(POLLOUT);
    put(1);
    expect(kernel.wait(sender.fd, POLLOUT, 0, -1)).toBe(0);
  });

  it("an XSKMAP takes AF_XDP sockets only, and keys below its entries", () => {
    const program = loadSteering(kernel, { rules: redirect.all(), queues: 2 });
    const { socketMap } = program;
    const netlink = kernel.openLinkMonitor();
    const enter = (key: number, fd: number) => () => kernel.enterXskMap(socketMap, key, fd);
    expect(enter(2, sender.fd)).toThrow(expect.objectContaining({ errnoName: "E2BIG" }));
    expect(enter(0, netlink)).toThrow(expect.objectContaining({ errnoName: "EOPNOTSUPP" }));
    enter(1, sender.fd)();
    kernel.leaveXskMap(socketMap, 1);
    kernel.close(netlink);
    program.close();
  });
});

describeOnKernel("a socket with fewer completions than packets", () => {
  const lab = useLab({ ipv6: false });

  it("goes on by taking completions back between its kicks", async () => {
    const sized = afxdp(lab.a.device).umem({ frameCount: 64 }).fill(2).completion(4);
    await using socket = await sized.tx(64).open();
    const packet = ethernet({ to: lab.b.mac, from: lab.a.mac });
    for (let i = 0; i < 32; i++) expect(socket.send(packet)).toBe(true);
    for (let i = 0; i < 24; i++) {
      const frame = socket.allocate();
      socket.bytes.set(packet, frame);
      expect(socket.transmit(frame, 64)).toBe(true);
    }
    expect(socket.flush()).toBe(0);
    expect(await socket.drained({ timeoutMs: 5000 })).toBe(true);
    expect(socket.stats()).toMatchObject({ txPackets: 56, invalidCompletions: 0 });
    expect(socket.stats().txRetries).toBeGreaterThan(0);
  });
});
