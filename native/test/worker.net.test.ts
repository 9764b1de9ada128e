import { Worker } from "node:worker_threads";
import type { ArenaBytes, Kernel } from "@afxdp/core";
import { createLinuxKernel } from "@afxdp/native";
import { createLab, footprint, type Lab } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { afterAll, beforeAll, expect, it } from "vitest";
import { closeByHand, FRAME_SIZE, FRAMES, openByHand, whileBusy } from "./by-hand.mjs";
import { compiledProgram } from "./programs.js";

describeOnKernel("the end of a Worker", () => {
  let lab: Lab;
  let kernel: Kernel;
  let index: number;
  let leave: () => void;
  let object: Uint8Array;
  beforeAll(() => {
    object = compiledProgram("redirect");
    lab = createLab();
    leave = lab.a.enter();
    kernel = createLinuxKernel();
    index = kernel.interfaceState(lab.a.device).index;
  });
  afterAll(() => {
    leave();
    lab.close();
  });
  const exited = (worker: Worker): Promise<number> =>
    new Promise((resolve) => worker.once("exit", resolve));
  interface Held {
    readonly worker: Worker;
    /** Becomes 1 when the Worker begins with what it was told. */
    readonly begun: Int32Array;
    /** The socket's memory, which outlives the Worker here. */
    readonly arena: ArenaBytes;
    readonly fds: { readonly fd: number; readonly program: number; readonly link: number };
  }
  const held = async (then: string): Promise<Held> => {
    const begun = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(new URL("./workers/hold-queue.mjs", import.meta.url), {
      workerData: { interfaceIndex: index, object, then, begun },
    });
    const opened = await new Promise<Pick<Held, "arena" | "fds">>((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
    });
    worker.on("error", () => {});
    return { worker, begun, ...opened };
  };

  it.each(["spin", "wait", "listen", "throw", "exit", "nothing"])(
    "frees its queue and detaches its program, in the middle of: %s",
    async (then) => {
      closeByHand(
        kernel,
        whileBusy(() => openByHand(kernel, index)),
      );
      await (await held("nothing")).worker.terminate();
      const before = footprint();
      const { worker, begun, arena } = await held(then);
      expect(kernel.attachedProgram(index)?.name).toBe("afxdp_redirect");
      const end = exited(worker);
      worker.postMessage("go");
      while (Atomics.load(begun, 0) === 0) await new Promise((resolve) => setImmediate(resolve));
      if (then !== "throw" && then !== "exit") await worker.terminate();
      expect(await end).toBe(then === "exit" ? 3 : 1);
      expect(kernel.attachedProgram(index)).toBeUndefined();
      expect(footprint()).toEqual(before);
      // The rings were behind the UMEM: this thread, which still has the arena, reads zeros there.
      expect(arena.subarray(FRAMES * FRAME_SIZE).every((byte) => byte === 0)).toBe(true);
      closeByHand(
        kernel,
        whileBusy(() => openByHand(kernel, index)),
      );
    },
  );

  it("works in eight Workers and the main thread at once", async () => {
    const cycle = (): Promise<number> =>
      exited(new Worker(new URL("./workers/cycle.mjs", import.meta.url)));
    await cycle();
    const before = footprint();
    for (let round = 0; round < 5; round++) {
      const codes = await Promise.all(Array.from({ length: 8 }, cycle));
      expect(codes).toEqual(new Array(8).fill(0));
      kernel.close(kernel.socket());
    }
    expect(footprint()).toEqual(before);
  });

  it("does not let another thread use its descriptors", async () => {
    const { worker, fds } = await held("nothing");
    for (const fd of Object.values(fds)) expect(() => kernel.close(fd)).toThrow("EBADF");
    expect(kernel.kickTx(fds.fd, 1)).toBe(-9);
    expect(kernel.wait(fds.fd, 1, 0, -1)).toBe(-9);
    expect(() => kernel.statistics(fds.fd)).toThrow("EBADF");
    expect(() => kernel.attachProgram(fds.program, index, 0)).toThrow("EBADF");
    expect(kernel.attachedProgram(index)?.name).toBe("afxdp_redirect");
    await worker.terminate();
  });
});
