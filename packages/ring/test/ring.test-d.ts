import type { MmapOffsets } from "@afxdp/core";
import {
  type AddressConsumer,
  type AddressProducer,
  DescriptorConsumer,
  type DescriptorProducer,
  layoutRing,
  type PlannedRing,
  type RingConsumer,
  type RingLayout,
  type RingProducer,
} from "@afxdp/ring";
import { expectTypeOf, test } from "vitest";

test("a planned ring is a layout, and so are the kernel's offsets with a size", () => {
  expectTypeOf<PlannedRing>().toExtend<RingLayout>();
  expectTypeOf<MmapOffsets["rx"] & { entries: number }>().toExtend<RingLayout>();
});

test("memory is shared, unshared, or a view for all rings", () => {
  const layout = layoutRing({ entries: 8, entrySize: 16 });
  expectTypeOf(DescriptorConsumer).toBeConstructibleWith(new SharedArrayBuffer(8), layout);
  expectTypeOf(DescriptorConsumer).toBeConstructibleWith(new ArrayBuffer(8), layout);
  expectTypeOf(DescriptorConsumer).toBeConstructibleWith(new Int32Array(8), layout);
  // @ts-expect-error a Uint32Array boxes indices above 2^31
  new DescriptorConsumer(new Uint32Array(8), layout);
  // @ts-expect-error entries are of 8 or 16 bytes
  layoutRing({ entries: 8, entrySize: 12 });
});

test("code can be written for both kinds of entries", () => {
  expectTypeOf<AddressProducer>().toExtend<RingProducer>();
  expectTypeOf<DescriptorProducer>().toExtend<RingProducer>();
  expectTypeOf<AddressConsumer>().toExtend<RingConsumer>();
  expectTypeOf<DescriptorConsumer>().toExtend<RingConsumer>();
  // @ts-expect-error an address ring has no lengths
  expectTypeOf<AddressConsumer>().toHaveProperty("length");
});
