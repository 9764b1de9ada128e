import { loadSteering, redirect } from "@afxdp/bpf";
import { BPF_EXIST, BPF_NOEXIST, ERRNO, encodeU32, POLLOUT, XDP_PKT_CONTD } from "@afxdp/core";
import { createLinuxKernel } from "@afxdp/native";
import { EXPERIMENTAL, ethernet } from "@afxdp/testkit";
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

  it("an XSKMAP tells an entry that is there from one that is not, and a socket again from another", () => {
    const program = loadSteering(kernel, { rules: redirect.all(), queues: 2 });
    const other = kernel.socket();
    const update = (key: number, fd: number, flags: number) => () =>
      kernel.updateMap(program.socketMap, encodeU32(key), encodeU32(fd), flags);
    const says = (errnoName: string): unknown => expect.objectContaining({ errnoName });
    expect(update(0, sender.fd, BPF_EXIST)).toThrow(says("ENOENT"));
    update(0, sender.fd, BPF_NOEXIST)();
    update(0, sender.fd, BPF_NOEXIST)();
    expect(update(0, other, BPF_NOEXIST)).toThrow(says("EEXIST"));
    update(0, other, BPF_EXIST)(); // not bound, and entered all the same
    expect(update(1, 0x7fff_fff0, 0)).toThrow(says("EBADF"));
    expect(update(1, program.program, 0)).toThrow(says("ENOTSOCK"));
    kernel.close(other);
    program.close();
  });

  it("an entry of an XSKMAP goes with its socket", () => {
    const program = loadSteering(kernel, { rules: redirect.all(), queues: 1 });
    const other = kernel.socket();
    const update = (fd: number) => () =>
      kernel.updateMap(program.socketMap, encodeU32(0), encodeU32(fd), BPF_NOEXIST);
    update(other)();
    expect(update(sender.fd)).toThrow(expect.objectContaining({ errnoName: "EEXIST" }));
    kernel.close(other);
    update(sender.fd)();
    program.close();
  });

  it("kicks of an empty tx ring are counted, and are no error; rx_invalid_descs stays 0", () => {
    for (let i = 0; i < 3; i++) expect(kick()).toBe(0);
    const { txRingEmptyDescs, rxInvalidDescs, txInvalidDescs } = kernel.statistics(sender.fd);
    expect(txRingEmptyDescs).toBeGreaterThanOrEqual(3);
    expect({ rxInvalidDescs, txInvalidDescs }).toEqual({ rxInvalidDescs: 0, txInvalidDescs: 0 });
  });
});

describeOnKernel("an open socket", () => {
  const lab = useLab({ mtu: 9000, ipv6: false });
  const link = (...words: string[]): string =>
    lab.a.run("ip", "link", "set", "dev", lab.a.device, ...words);

  it("can be made while the link is down, and sends when it is up", async () => {
    link("down");
    const sized = afxdp(lab.a.device).umem({ frameCount: 64 }).fill(16).completion(16);
    await using socket = await sized.tx(16).open();
    expect(socket.send(ethernet({ to: lab.b.mac, from: lab.a.mac }))).toBe(true);
    expect(socket.frames.transmit).toBe(1);
    link("up");
    expect(await socket.drained({ timeoutMs: 5000 })).toBe(true);
    expect(socket.stats()).toMatchObject({ txPackets: 1, txDropped: 0 });
  });

  it("of copy mode lets the MTU be changed, and goes on", async () => {
    const sized = afxdp(lab.a.device).umem({ frameCount: 64 }).fill(16).completion(16);
    await using socket = await sized.tx(16).open({ zeroCopy: "never" });
    for (const [sent, mtu] of ["1500", "9000"].entries()) {
      link("mtu", mtu);
      expect(socket.send(ethernet({ to: lab.b.mac, from: lab.a.mac }))).toBe(true);
      expect(await socket.drained({ timeoutMs: 5000 })).toBe(true);
      expect(socket.stats()).toMatchObject({ txPackets: sent + 1, txDropped: 0 });
    }
  });

  it.each(["skb", "drv"] as const)(
    "gets no part of a packet that the fill ring has too few frames for, in mode %s",
    async (mode) => {
      const rules = redirect.etherType(EXPERIMENTAL);
      const leave = lab.b.enter();
      const peer = afxdp(lab.b.device).umem({ frameCount: 64 }).fill(2).completion(16);
      const from = await peer.tx(16).open({ multiBuffer: true });
      leave();
      const sized = afxdp(lab.a.device).umem({ frameCount: 64 }).fill(4).completion(16).rx(16);
      const socket = await sized.program(rules).open({ mode, multiBuffer: true });
      const packet = (length: number) => ethernet({ to: lab.a.mac, from: lab.b.mac, length });
      expect(from.send(packet(9000))).toBe(true);
      expect(from.send(packet(60))).toBe(true);
      expect(await socket.readable({ timeoutMs: 5000 })).toBe(true);
      const lengths: number[] = [];
      socket.receive((batch) => {
        for (let i = 0; i < batch.count; i++) lengths.push(batch.length(i));
      });
      expect(lengths).toEqual([60]);
      const { kernel, rxBrokenChains } = socket.stats();
      expect(rxBrokenChains).toBe(0);
      expect(kernel).toMatchObject({ rxDropped: 1, rxInvalidDescs: 0 });
      await socket.close();
      await from.close();
    },
  );
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
