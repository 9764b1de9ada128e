import { steerObject } from "@afxdp/bpf";
import { expect, it } from "vitest";

const text = (): string => Buffer.from(steerObject()).toString("latin1");

it("the embedded program is a BPF object for packets of several buffers, with BTF", () => {
  const object = steerObject();
  expect(String.fromCharCode(...object.subarray(1, 4))).toBe("ELF");
  expect(new DataView(object.buffer).getUint16(18, true)).toBe(247); // EM_BPF
  expect(text()).toContain("xdp.frags\0");
  expect(text()).toContain(".BTF\0");
  expect(text()).toContain("Apache-2.0\0");
});

it("it holds no path of the machine that it was built on, and no debug sections", () => {
  expect(text().match(/\/[a-z]+\/[\w./-]+/g) ?? []).toEqual([]);
  expect(text()).not.toContain(".debug_");
});

it("every call gives bytes of its own", () => {
  steerObject().fill(0);
  expect(steerObject()[0]).toBe(0x7f);
});
