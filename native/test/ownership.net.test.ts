import { closeSync, openSync, readFileSync, readlinkSync } from "node:fs";
import type { Kernel } from "@afxdp/core";
import { createLinuxKernel } from "@afxdp/native";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { beforeAll, expect, it } from "vitest";
import { makeArena, registration } from "./by-hand.mjs";
import { compiledProgram } from "./programs.js";

const O_CLOEXEC = 0o2000000;
const POLLIN = 1;

describeOnKernel("who owns a descriptor", () => {
  let kernel: Kernel;
  beforeAll(() => {
    kernel = createLinuxKernel();
  });

  it("opens every descriptor close-on-exec", () => {
    const { program, maps } = kernel.loadProgram({ object: compiledProgram("redirect") });
    const memory = kernel.createMemory("afxdp-test", 65536, 0);
    const fds = [
      ...[kernel.socket(), kernel.createWaker(), program, ...Object.values(maps)],
      ...[memory, kernel.adoptMemory(memory), kernel.promiscuous(1), kernel.openLinkMonitor()],
    ];
    for (const fd of fds) {
      const flags = /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"))?.[1];
      expect(Number.parseInt(flags ?? "0", 8) & O_CLOEXEC).toBe(O_CLOEXEC);
      kernel.close(fd);
    }
  });

  it("closes only what it opened, and that once", () => {
    const foreign = openSync("/dev/null", "r");
    for (const fd of [0, 1, 2, foreign, -1, 1e9, 2 ** 31, 2 ** 40, 1.5, Number.NaN, Infinity]) {
      expect(() => kernel.close(fd)).toThrow("EBADF");
    }
    expect(readlinkSync(`/proc/self/fd/${foreign}`)).toBe("/dev/null");
    closeSync(foreign);
    const fd = kernel.socket();
    kernel.close(fd);
    expect(() => kernel.close(fd)).toThrow("EBADF");
  });

  it("takes a descriptor only for what it is", () => {
    const socket = kernel.socket();
    const waker = kernel.createWaker();
    const { program, maps } = kernel.loadProgram({ object: compiledProgram("redirect") });
    const map = maps.xsks_map ?? -1;
    const key = new Uint8Array(4);
    const memory = kernel.createMemory("afxdp-test", 65536, 0);
    const monitor = kernel.openLinkMonitor();
    expect(() => kernel.mapMemory(makeArena(), 0, 4096, socket, 0)).toThrow("EBADF");
    expect(() => kernel.registerUmem(memory, makeArena(), registration)).toThrow("EBADF");
    expect(() => kernel.readLinkEvents(memory)).toThrow("EBADF");
    expect(() => kernel.watch(memory, POLLIN, () => {})).toThrow("EBADF");
    expect(() => kernel.setSocketOption(monitor, "SO_BUSY_POLL", 1)).toThrow("EBADF");
    expect(() => kernel.registerUmem(waker, makeArena(), registration)).toThrow("EBADF");
    expect(() => kernel.mapRing(map, "rx", makeArena(), 0, 4096)).toThrow("EBADF");
    expect(() => kernel.updateMap(socket, key, key, 0)).toThrow("EBADF");
    expect(() => kernel.attachProgram(map, 1, 0)).toThrow("EBADF");
    expect(() => kernel.wake(socket)).toThrow("EBADF");
    expect(() => kernel.watch(map, POLLIN, () => {})).toThrow("EBADF");
    expect(kernel.kickTx(program, 1)).toBe(-9);
    expect(kernel.wait(socket, POLLIN, 0, map)).toBe(-9);
    for (const fd of [socket, waker, memory, monitor, program, ...Object.values(maps)]) {
      kernel.close(fd);
    }
  });
});
