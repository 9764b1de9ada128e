import type { Kernel } from "@afxdp/core";
import { createLinuxKernel } from "@afxdp/native";
import { createLab, footprint, type Lab } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  closeByHand,
  consume,
  FRAME_SIZE,
  makeArena,
  mapRings,
  openByHand,
  prepare,
  produce,
  whileBusy,
  word,
} from "./by-hand.mjs";
import { compiledProgram } from "./programs.js";

const POLLIN = 1;
const DRV = 4;

describeOnKernel("the whole sequence, by hand", () => {
  let lab: Lab;
  let kernel: Kernel;
  let index: number;
  let leave: () => void;
  beforeAll(() => {
    lab = createLab();
    leave = lab.a.enter();
    kernel = createLinuxKernel();
    index = kernel.interfaceState(lab.a.device).index;
  });
  afterAll(() => {
    leave();
    lab.close();
  });

  it("receives a packet, sends a packet, and leaves nothing behind", () => {
    const object = compiledProgram("redirect");
    const before = footprint();
    const socket = whileBusy(() => openByHand(kernel, index));
    const { fd, arena, rings } = socket;
    expect(kernel.options(fd)).toBe(0);
    for (let frame = 0; frame < 16; frame++) produce(arena, rings.fill, frame * FRAME_SIZE);
    const program = kernel.loadProgram({ object, mapEntries: { xsks_map: 1 } });
    kernel.enterXskMap(program.maps.xsks_map ?? -1, 0, fd);
    const link = kernel.attachProgram(program.program, index, DRV);
    expect(kernel.attachedProgram(index)).toEqual({
      id: program.id,
      name: "afxdp_redirect",
      mode: "drv",
    });

    const ping = lab.b.spawn("ping", ["-c", "100", "-i", "0.05", "-W", "1", lab.a.ipv4], {
      stdio: "ignore",
    });
    let packet: { address: number; length: number } | undefined;
    for (let i = 0; i < 50 && packet === undefined; i++) {
      kernel.wait(fd, POLLIN, 100, -1);
      packet = consume(arena, rings.rx, 16);
    }
    ping.kill("SIGKILL");
    // The first packet asks for our MAC address.
    expect(packet?.length).toBe(42);
    const at = packet?.address ?? 0;
    expect(Buffer.from(arena.subarray(at, at + 6)).toString("hex")).toBe("ffffffffffff");
    expect(Buffer.from(arena.subarray(at + 6, at + 12)).toString("hex")).toBe("02000000000b");

    const received = (): number =>
      JSON.parse(lab.b.run("ip", "-j", "-s", "link", "show", lab.b.device))[0].stats64.rx.packets;
    const receivedBefore = received();
    const last = 63 * FRAME_SIZE;
    arena.set([2, 0, 0, 0, 0, 0x0b, 2, 0, 0, 0, 0, 0x0a, 0x88, 0xb5, 1, 2, 3, 4], last);
    produce(arena, rings.tx, last, 60);
    expect(kernel.kickTx(fd, 4)).toBe(0);
    expect(word(arena, rings.tx.offset + rings.tx.words.consumer)).toBe(1);
    expect(received() - receivedBefore).toBeGreaterThan(0);
    let completion: { address: number } | undefined;
    for (let i = 0; i < 50 && completion === undefined; i++) {
      completion = consume(arena, rings.completion, 8);
      if (completion === undefined) kernel.wait(fd, POLLIN, 20, -1);
    }
    expect(completion?.address).toBe(last);
    expect(kernel.statistics(fd).txInvalidDescs).toBe(0);

    kernel.close(link);
    expect(kernel.attachedProgram(index)).toBeUndefined();
    kernel.leaveXskMap(program.maps.xsks_map ?? -1, 0);
    kernel.leaveXskMap(program.maps.xsks_map ?? -1, 0);
    closeByHand(kernel, socket);
    for (const map of Object.values(program.maps)) kernel.close(map);
    kernel.close(program.program);
    expect(footprint()).toEqual(before);
  });

  it("can bind the queue again after close", () => {
    for (let round = 0; round < 5; round++) {
      closeByHand(
        kernel,
        whileBusy(() => openByHand(kernel, index)),
      );
    }
  });

  it("keeps a queue busy while one ring is mapped, and frees it when that is unmapped", () => {
    const { fd, arena, rings } = whileBusy(() => openByHand(kernel, index));
    const { rx, ...others } = rings;
    for (const { offset, length } of Object.values(others)) kernel.unmapRing(arena, offset, length);
    kernel.close(fd);
    expect(() => whileBusy(() => openByHand(kernel, index))).toThrow("EBUSY");
    kernel.unmapRing(arena, rx.offset, rx.length);
    closeByHand(
      kernel,
      whileBusy(() => openByHand(kernel, index)),
    );
  });

  it("reads zeros where a ring was", () => {
    const { fd, arena, rings } = whileBusy(() => openByHand(kernel, index));
    produce(arena, rings.fill, FRAME_SIZE);
    closeByHand(kernel, { fd, arena, rings });
    const { offset, length } = rings.fill;
    expect(arena.subarray(offset, offset + length).every((byte) => byte === 0)).toBe(true);
    arena.fill(1, offset, offset + length);
  });

  it("leaves the arena whole when the kernel refuses a mapping", () => {
    const arena = makeArena();
    const fd = kernel.socket();
    arena.fill(7);
    expect(() => kernel.mapRing(fd, "rx", arena, 0, kernel.pageSize)).toThrow("EINVAL");
    expect(arena.every((byte) => byte === 7)).toBe(true);
    kernel.close(fd);
  });

  it("refuses to map a ring over a ring, or to unmap what was not mapped", () => {
    const arena = makeArena();
    const fd = prepare(kernel, arena);
    const rings = mapRings(kernel, fd, arena);
    const { offset, length } = rings.rx;
    expect(() => kernel.mapRing(fd, "tx", arena, offset, length)).toThrow("EINVAL");
    expect(() => kernel.unmapRing(arena, offset, length * 2)).toThrow("EINVAL");
    expect(() => kernel.unmapRing(arena, 0, length)).toThrow("EINVAL");
    closeByHand(kernel, { fd, arena, rings });
    expect(() => kernel.unmapRing(arena, offset, length)).toThrow("EINVAL");
  });
});
