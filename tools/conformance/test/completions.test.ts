import { Completions } from "@afxdp/conformance/traffic";
import { AddressConsumer, AddressProducer, layoutRing } from "@afxdp/ring";
import { describe, expect, test } from "vitest";

function make(): { kernel: AddressProducer; completions: Completions } {
  const layout = layoutRing({ entries: 8, entrySize: 8 });
  const memory = new ArrayBuffer(layout.byteLength);
  return {
    kernel: new AddressProducer(memory, layout),
    completions: new Completions(new AddressConsumer(memory, layout)),
  };
}

function complete(kernel: AddressProducer, low: number, high = 0): void {
  kernel.reserve(1);
  kernel.setAddressWords(0, low, high);
  kernel.submit(1);
}

describe("completions", () => {
  test("are accepted as often as they were expected, and in any order", () => {
    const { kernel, completions } = make();
    for (const address of [0, 4096, 0]) completions.expect(address);
    for (const address of [4096, 0, 0]) complete(kernel, address);
    expect(completions.collect()).toBe(3);
    expect(completions.outstanding).toBe(0);
  });

  test("of an address that was completed already are refused", () => {
    const { kernel, completions } = make();
    completions.expect(0);
    completions.expect(4096);
    complete(kernel, 0);
    complete(kernel, 0);
    expect(() => completions.collect()).toThrow("completed address 0x0, which was not outstanding");
  });

  test("of negative addresses are known by all 64 bits", () => {
    const { kernel, completions } = make();
    completions.expect(-2);
    complete(kernel, -2, -1);
    expect(completions.collect()).toBe(1);
    completions.expect(-2);
    complete(kernel, -2, 0);
    expect(() => completions.collect()).toThrow("completed address 0xfffffffe");
  });

  test("that are missing are named", () => {
    const { completions } = make();
    completions.expect(0x3000);
    expect(`${completions}`).toBe("1 completions missing: 0x3000");
  });
});
