import { readFileSync } from "node:fs";
import type { ArenaBytes, Kernel } from "@afxdp/core";
import { createLinuxKernel } from "@afxdp/native";
import { footprint } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { beforeEach, expect, it } from "vitest";
import { makeArena } from "./by-hand.mjs";

const MIB = 1 << 20;
const HUGE = 2 * MIB;

const thrownBy = (call: () => unknown): unknown => {
  const before = footprint();
  try {
    call();
  } catch (error) {
    expect(footprint()).toEqual(before);
    return error;
  }
  throw new Error("it did not throw");
};

describeOnKernel("where an arena's memory lies", () => {
  let kernel: Kernel;
  let arena: ArenaBytes;
  beforeEach(() => {
    kernel = createLinuxKernel();
    arena = makeArena(8 * MIB);
  });

  it("finds the first offset of an alignment", () => {
    const offset = kernel.alignmentOffset(arena, HUGE);
    expect(offset).toBeLessThan(HUGE);
    expect(kernel.alignmentOffset(arena.subarray(0), 1)).toBe(0);
    expect(kernel.alignmentOffset(arena, kernel.pageSize)).toBe(0);
    const inside = arena.subarray(4096);
    expect(kernel.alignmentOffset(inside, 8192)).toBe(4096);
    for (const alignment of [0, -1, 3, 0.5, 2 ** 52, Number.NaN]) {
      expect(thrownBy(() => kernel.alignmentOffset(arena, alignment))).toMatchObject({
        ...{ code: "ERR_XDP_SYSCALL", step: "memory", errnoName: "EINVAL" },
      });
    }
  });

  it("takes its pages from the node that is asked for", () => {
    kernel.preferNode(arena, 65536, MIB, 0);
    expect(readFileSync("/proc/self/numa_maps", "utf8")).toMatch(/ prefer:0\b/);
  });

  it.each([1023, 1024, -1, 0.5, Number.NaN])("does not take them from node %d", (node) => {
    expect(thrownBy(() => kernel.preferNode(arena, 0, MIB, node))).toMatchObject({
      ...{ step: "memory", errnoName: "EINVAL" },
    });
  });
});
