import { closeSync, openSync, readlinkSync } from "node:fs";
import { isXdpError } from "@afxdp/core";
import { createLinuxKernel } from "@afxdp/native";
import { footprint, privileged } from "@afxdp/testkit";
import { useLab } from "@afxdp/testkit/vitest";
import { describe, expect, it } from "vitest";
import { loadAddon } from "../dist/load-addon.js";
import { makeArena } from "./by-hand.mjs";

const ROUNDS = 20_000;
const SEEDS = [1, 2, 3];

/** Numbers in [0, 1) that follow from the seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What answers a descriptor, of the addon's functions and the Kernel's methods. */
const OPENING = [
  ...["socket", "createWaker", "openNamespace", "createMemory", "adoptMemory", "promiscuous"],
  "openLinkMonitor",
];

/** The methods of an object of a class, with those of the classes that it extends. */
function methodsOf(object: object): string[] {
  const names = new Set<string>();
  for (
    let prototype = Object.getPrototypeOf(object);
    prototype !== Object.prototype;
    prototype = Object.getPrototypeOf(prototype)
  ) {
    for (const name of Object.getOwnPropertyNames(prototype)) names.add(name);
  }
  names.delete("constructor");
  return [...names];
}

const detached = new Uint8Array(8);
structuredClone(detached, { transfer: [detached.buffer] });
const arena = makeArena();

const GARBAGE: readonly unknown[] = [
  ...[undefined, null, true, "", "lo", "va\0", "x".repeat(5000), "\ud800", Symbol("s"), 1n],
  ...[0, -0, 1, 2, 3, 4, 7, 8, 16, 32, 44, 64, 100, 283, 2048, 4096, 8192, 65536],
  ...[-1, -2, 0.5, 1.5, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 33, 2 ** 53 - 1, 2 ** 53],
  ...[1e300, Number.NaN, Infinity, -Infinity, 2 ** 63, 2 ** 64, -(2 ** 63)],
  ...[{}, [], [1], ["xsks_map"], [{}], [Number.NaN], () => {}, class {}, /x/, new Date(0)],
  new Proxy({}, { get: () => Number.NaN }),
  new Proxy([], {}),
  { valueOf: () => 1 },
  ...[new Uint8Array(0), new Uint8Array(4), new Uint8Array(16), new Uint8Array(32), detached],
  ...[Buffer.alloc(24), new Uint8ClampedArray(16), new Int32Array(8), new BigInt64Array(4)],
  ...[new DataView(new ArrayBuffer(32)), new ArrayBuffer(32), new SharedArrayBuffer(32)],
  new Uint8Array(new SharedArrayBuffer(1 << 16)),
  Reflect.construct(ArrayBuffer, [64, { maxByteLength: 128 }]),
  new Uint8Array(Reflect.construct(ArrayBuffer, [64, { maxByteLength: 128 }])),
  ...[arena, arena.subarray(4096), arena.subarray(1), new Int32Array(arena.buffer)],
];

/** What may open what others loaded: closed at once, lest garbage be done to it. */
const FOREIGN = ["openProgram", "openMap", "openLink", "adoptBpf", "openPinned", "openBpf"];

function foreignFd(result: unknown): number {
  return typeof result === "number" ? result : (result as { fd: number }).fd;
}

describe.runIf(process.platform === "linux" && privileged().ok)("garbage arguments", () => {
  // Interfaces are named by small numbers: these are a lab's.
  useLab();

  it.each(SEEDS)("give every function a TypeError or a negative errno (seed %d)", (seed) => {
    const random = randomFrom(seed);
    const addon = loadAddon() as unknown as Record<string, (...args: unknown[]) => unknown>;
    const names = Object.keys(addon).filter((name) => typeof addon[name] === "function");
    expect(names.length).toBeGreaterThan(20);
    const sentinel = openSync("/dev/null", "r");
    const before = footprint();
    const mine = { sockets: [] as number[], wakers: [] as number[] };
    const open = (): void => {
      mine.sockets.push(addon.socket?.() as number);
      mine.wakers.push(addon.createWaker?.() as number);
    };
    open();
    const opened = new Set([...mine.sockets, ...mine.wakers]);
    const watches: number[] = [];
    const mapped: [number, number][] = [];
    for (let i = 0; i < ROUNDS; i++) {
      const name = names[Math.floor(random() * names.length)] ?? "";
      // Waits would only take time, and a namespace entered would only change where garbage goes.
      if (name === "setNamespace") continue;
      const pool = [...GARBAGE, sentinel, ...opened];
      const args = Array.from(
        { length: Math.floor(random() * 9) },
        () => pool[Math.floor(random() * pool.length)],
      );
      // A descriptor of the right kind, often, so that the other arguments come to be looked at.
      if (random() < 0.5 && name !== "close") args[0] = mine.sockets[0];
      if (name === "poll" && typeof args[2] === "number" && args[2] > 1) args[2] = 1;
      let result: unknown;
      try {
        result = addon[name]?.(...args);
      } catch (error) {
        if (!(error instanceof TypeError)) throw new Error(`${name} threw`, { cause: error });
        continue;
      }
      const given = `${name} answered ${String(result)}`;
      if (FOREIGN.includes(name) && foreignFd(result) >= 0) {
        expect(addon.close?.(foreignFd(result))).toBe(0);
        continue;
      }
      if (name === "close" && result === 0) opened.delete(args[0] as number);
      if (typeof result !== "number") continue;
      expect(Number.isInteger(result), given).toBe(true);
      if (result < 0) continue;
      if (OPENING.includes(name)) opened.add(result);
      if (name === "watch") watches.push(result);
      if (name === "mapRing") mapped.push([args[2] as number, args[3] as number]);
      for (const kind of [mine.sockets, mine.wakers]) {
        if (!opened.has(kind[0] ?? -1)) kind.length = 0;
      }
      if (mine.sockets.length === 0 || mine.wakers.length === 0) {
        open();
        for (const fd of [...mine.sockets, ...mine.wakers]) opened.add(fd);
      }
    }
    for (const id of watches) addon.unwatch?.(id);
    for (const fd of opened) expect(addon.close?.(fd)).toBe(0);
    expect(readlinkSync(`/proc/self/fd/${sentinel}`)).toBe("/dev/null");
    expect({ ...footprint(), xdpMappings: 0 }).toEqual(before);
    expect(mapped).toEqual([]);
    closeSync(sentinel);
  });

  it.each(SEEDS)("give every method of the Kernel a typed error (seed %d)", (seed) => {
    const random = randomFrom(seed);
    const kernel = createLinuxKernel() as unknown as Record<string, (...a: unknown[]) => unknown>;
    const names = methodsOf(kernel);
    expect(names.length).toBeGreaterThan(20);
    const before = footprint();
    const opened = new Set<number>();
    const watches: { stop(): void }[] = [];
    for (let i = 0; i < ROUNDS / 4; i++) {
      const name = names[Math.floor(random() * names.length)] ?? "";
      const args = Array.from(
        { length: Math.floor(random() * 7) },
        () => GARBAGE[Math.floor(random() * GARBAGE.length)],
      );
      try {
        const result = kernel[name]?.(...args);
        if (OPENING.includes(name)) opened.add(result as number);
        if (name === "close") opened.delete(args[0] as number);
        if (name === "watch") watches.push(result as { stop(): void });
        if (FOREIGN.includes(name)) kernel.close?.(foreignFd(result));
      } catch (error) {
        if (!isXdpError(error) && !(error instanceof TypeError)) {
          throw new Error(`${name} threw`, { cause: error });
        }
      }
    }
    for (const watch of watches) watch.stop();
    for (const fd of opened) kernel.close?.(fd);
    expect(footprint()).toEqual(before);
  });
});
