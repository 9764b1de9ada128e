import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Worker } from "node:worker_threads";
import type { ArenaBytes, Kernel } from "@afxdp/core";
import { createLinuxKernel } from "@afxdp/native";
import { footprint, withHugePages } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { expect, it } from "vitest";
import { makeArena } from "./by-hand.mjs";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const freePages = (): number =>
  Number(readFileSync("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "utf8"));

describeOnKernel("an arena that nobody refers to any more", () => {
  // In a function of its own, so that no variable keeps the arena.
  const map = (kernel: Kernel, fd: number): WeakRef<SharedArrayBuffer> => {
    const arena = makeArena() as ArenaBytes;
    kernel.mapRing(fd, "rx", arena, 0, kernel.pageSize);
    return new WeakRef(arena.buffer);
  };
  const unmap = (kernel: Kernel, reference: WeakRef<SharedArrayBuffer>): void => {
    const buffer = reference.deref();
    if (buffer === undefined) throw new Error("the arena was collected");
    kernel.unmapRing(new Uint8Array(buffer), 0, kernel.pageSize);
  };
  const turns = async (): Promise<void> => {
    for (let i = 0; i < 5; i++) {
      collect();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };

  it("stays while a ring is mapped in it, and goes afterwards", async () => {
    const kernel = createLinuxKernel();
    const fd = kernel.socket();
    kernel.setRingSize(fd, "rx", 64);
    const reference = map(kernel, fd);
    kernel.close(fd);
    await turns();
    expect(reference.deref()).toBeDefined();
    unmap(kernel, reference);
    await turns();
    expect(reference.deref()).toBeUndefined();
  });

  const HUGE = 1 << 21;
  const mapHuge = (kernel: Kernel): WeakRef<SharedArrayBuffer> => {
    const arena = makeArena(2 * HUGE);
    const offset = kernel.alignmentOffset(arena, HUGE);
    kernel.mapMemory(arena, offset, HUGE, -1, HUGE);
    arena[offset] = 1;
    return new WeakRef(arena.buffer);
  };
  const unmapHuge = (kernel: Kernel, reference: WeakRef<SharedArrayBuffer>): void => {
    const buffer = reference.deref();
    if (buffer === undefined) throw new Error("the arena was collected");
    const arena = new Uint8Array(buffer);
    kernel.unmapMemory(arena, kernel.alignmentOffset(arena, HUGE), HUGE);
  };

  it("stays while huge pages are mapped in it, and goes afterwards", async () => {
    await withHugePages(1, HUGE / 1024, async () => {
      const kernel = createLinuxKernel();
      const reference = mapHuge(kernel);
      await turns();
      expect(reference.deref()).toBeDefined();
      unmapHuge(kernel, reference);
      await turns();
      expect(reference.deref()).toBeUndefined();
    });
  });

  it("gives back the huge pages of a Worker that ends, and all else that it opened", async () => {
    await withHugePages(1, HUGE / 1024, async () => {
      const free = freePages();
      const before = footprint();
      const worker = new Worker(new URL("./workers/hold-memory.mjs", import.meta.url), {
        workerData: { size: HUGE },
      });
      const { arena, offset } = await new Promise<{ arena: ArenaBytes; offset: number }>(
        (resolve, reject) => worker.once("message", resolve).once("error", reject),
      );
      expect(arena[offset]).toBe(5);
      expect(freePages()).toBe(free - 1);
      await worker.terminate();
      expect(arena[offset]).toBe(0);
      expect(freePages()).toBe(free);
      expect(footprint()).toEqual(before);
    });
  });

  it.each(["process.exit(0)", "process.kill(process.pid, 9)"])(
    "gives back the huge pages of a process that ends by %s",
    (end) => {
      withHugePages(1, HUGE / 1024, () => {
        const free = freePages();
        const script = `
          import { createLinuxKernel } from ${JSON.stringify(import.meta.resolve("@afxdp/native"))};
          import { makeArena } from ${JSON.stringify(new URL("./by-hand.mjs", import.meta.url))};
          const kernel = createLinuxKernel();
          const arena = makeArena(${2 * HUGE});
          const offset = kernel.alignmentOffset(arena, ${HUGE});
          kernel.mapMemory(arena, offset, ${HUGE}, -1, ${HUGE});
          arena[offset] = 1;
          console.log("mapped");
          ${end}`;
        const run = spawnSync(process.execPath, ["--input-type=module", "-e", script]);
        expect(run.stderr.toString()).toBe("");
        expect(run.stdout.toString()).toBe("mapped\n");
        expect(freePages()).toBe(free);
      });
    },
  );
});
