import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { ArenaBytes, Kernel } from "@afxdp/core";
import { createLinuxKernel } from "@afxdp/native";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { expect, it } from "vitest";
import { makeArena } from "./by-hand.mjs";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

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
});
