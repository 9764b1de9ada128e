import { execFileSync } from "node:child_process";
import { Worker } from "node:worker_threads";
import { XdpError } from "@afxdp/core";
import { ARENA_PAGE, Arena, RINGS_LENGTH } from "@afxdp/umem";
import { describe, expect, it } from "vitest";

describe("the arena", () => {
  it("is one shared buffer that neither detaches nor transfers nor grows", () => {
    const { buffer, memory } = new Arena(4096);
    expect(buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(() => structuredClone(buffer, { transfer: [buffer as never] })).toThrow();
    expect(() => memory.grow(1)).toThrow();
  });

  it("gives rings room behind the frames, page-aligned, without overlap, until it is full", () => {
    const arena = new Arena(5000, 3 * ARENA_PAGE);
    const offsets = [arena.reserve(1), arena.reserve(ARENA_PAGE), arena.reserve(ARENA_PAGE - 1)];
    expect(offsets).toEqual([ARENA_PAGE, 2 * ARENA_PAGE, 3 * ARENA_PAGE]);
    expect(() => arena.reserve(1)).toThrow(expect.objectContaining({ code: "ERR_XDP_ARENA" }));
    expect(() => arena.reserve(Number.NaN)).toThrow(XdpError);
  });

  it("gives room that was given back to other rings, joined again", () => {
    const arena = new Arena(5000, 4 * ARENA_PAGE);
    const [first, second, third] = [arena.reserve(1), arena.reserve(1), arena.reserve(1)];
    arena.release(first as number, 1);
    expect(() => arena.reserve(2 * ARENA_PAGE)).toThrow(/65536 are left in one piece/);
    arena.release(second as number, 1);
    expect(arena.reserve(2 * ARENA_PAGE)).toBe(first);
    arena.release(third as number, 1);
    expect(arena.reserve(ARENA_PAGE + 1)).toBe(third);
  });

  it("refuses more than 4 GiB", () => {
    for (const length of [2 ** 32, 2 ** 32 - RINGS_LENGTH + 1, 0, -1, Number.NaN]) {
      expect(() => new Arena(length)).toThrow(expect.objectContaining({ code: "ERR_XDP_ARENA" }));
    }
  });

  it("says so when the process may not reserve the address space", () => {
    const program = `
      import { Arena } from "@afxdp/umem";
      const kept = [];
      try { for (let i = 0; i < 4096; i++) kept.push(new Arena(2 ** 31)); }
      catch (error) { console.log(error.code, error.cause?.name); process.exit(0); }
      console.log("no limit was met"); process.exit(0);`;
    const node = [process.execPath, "--input-type=module", "-e", program];
    const out = execFileSync("prlimit", [`--as=${64 * 2 ** 30}`, ...node], {
      cwd: import.meta.dirname,
      encoding: "utf8",
    });
    expect(out.trim()).toBe("ERR_XDP_ARENA RangeError");
  });

  it("is the same memory in a Worker", async () => {
    const arena = new Arena(4096);
    const worker = new Worker(
      `const { workerData, parentPort } = require("node:worker_threads");
       Atomics.store(new Int32Array(workerData), 7, 42); parentPort.postMessage("done");`,
      { eval: true, workerData: arena.buffer },
    );
    await new Promise((resolve) => worker.once("message", resolve));
    expect(Atomics.load(arena.words, 7)).toBe(42);
    await worker.terminate();
  });
});
