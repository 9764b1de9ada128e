import { steerHintsObject, steerObject } from "@afxdp/bpf";
import { describe, expect, it } from "vitest";

describe.each([
  ["steering program", steerObject, "Apache-2.0"],
  ["program with hints", steerHintsObject, "GPL v2"],
])("the embedded %s", (_, objectOf, license) => {
  const text = (): string => Buffer.from(objectOf()).toString("latin1");

  it("is a BPF object for packets of several buffers, with BTF", () => {
    const object = objectOf();
    expect(String.fromCharCode(...object.subarray(1, 4))).toBe("ELF");
    expect(new DataView(object.buffer).getUint16(18, true)).toBe(247); // EM_BPF
    expect(text()).toContain("xdp.frags\0");
    expect(text()).toContain(".BTF\0");
    expect(text()).toContain(`${license}\0`);
  });

  it("holds no path of the machine that it was built on, and no debug sections", () => {
    expect(text().match(/\/[a-z]+\/[\w./-]+/g) ?? []).toEqual([]);
    expect(text()).not.toContain(".debug_");
  });

  it("is fresh bytes at every call", () => {
    objectOf().fill(0);
    expect(objectOf()[0]).toBe(0x7f);
  });
});
