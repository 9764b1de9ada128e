import {
  AddressConsumer,
  AddressProducer,
  DescriptorConsumer,
  DescriptorProducer,
} from "@afxdp/ring";
import { describe, expect, it } from "vitest";
import { codeOf } from "./support/code-of.js";
import { KINDS, makePair } from "./support/pairs.js";

const ADDRESSES = [
  0,
  1,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 32 + 2 ** 31 + 5,
  2 ** 40,
  2 ** 48 - 1,
  2 ** 52 + 1,
  2 ** 53 - 1,
];

describe.each(KINDS)("an entry of the %s ring", (kind) => {
  it.each(ADDRESSES)("carries the address %i exactly, as the kernel reads it", (address) => {
    const pair = makePair(kind, 4, 2 ** 32 - 1);
    pair.producer.reserve(2);
    pair.write(0, 7);
    pair.write(1, address);
    pair.producer.submit(2);
    pair.consumer.peek(2);
    expect(pair.read(1)).toBe(address);
    expect(pair.consumer.address(1)).toBe(address);
    const bits = BigInt(address);
    expect(pair.consumer.addressLow(1)).toBe(Number(bits & 0xffff_ffffn));
    expect(pair.consumer.addressHigh(1)).toBe(Number(bits >> 32n));
    // Index 2^32 - 1 is the last slot, and the next one is the first: as a little-endian u64.
    expect(new DataView(pair.words.buffer).getBigUint64(pair.layout.desc, true)).toBe(bits);
  });

  it("carries all 64 bits as two words", () => {
    const pair = makePair(kind, 4);
    pair.producer.reserve(1);
    pair.producer.setAddressWords(0, 0xffff_f000, 0xfe00_0001);
    pair.producer.submit(1);
    pair.consumer.peek(1);
    expect(pair.consumer.addressLow(0)).toBe(0xffff_f000);
    expect(pair.consumer.addressHigh(0)).toBe(0xfe00_0001);
    // Over 2^53 the number is rounded, and nowhere near an address of the UMEM.
    expect(pair.consumer.address(0)).toBe(0xfe00_0001 * 2 ** 32 + 0xffff_f000);
  });

  it.each([-1, 0.5, 2 ** 32 + 0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY])(
    "refuses the address %s and writes nothing",
    (address) => {
      const pair = makePair(kind, 4);
      pair.producer.reserve(1);
      const before = pair.words.slice();
      expect(codeOf(() => pair.write(0, address))).toBe("ERR_XDP_ARGUMENT");
      expect(pair.words).toEqual(before);
    },
  );

  it.each([undefined, null, "4096", {}])("refuses %s for an address", (address) => {
    const pair = makePair(kind, 4);
    pair.producer.reserve(1);
    expect(codeOf(() => pair.write(0, address as never))).toBe("ERR_XDP_ARGUMENT");
  });
});

describe("a descriptor", () => {
  it("lies in memory as struct xdp_desc", () => {
    const pair = makePair("descriptor", 2);
    const producer = new DescriptorProducer(pair.words, pair.layout);
    producer.reserve(2);
    producer.set(1, 0x1_0000_2100, 0xffff_ffff, 0x8000_0003);
    producer.submit(2);
    const bytes = new DataView(pair.words.buffer, pair.layout.desc + 16);
    expect(bytes.getBigUint64(0, true)).toBe(0x1_0000_2100n);
    expect(bytes.getUint32(8, true)).toBe(0xffff_ffff);
    expect(bytes.getUint32(12, true)).toBe(0x8000_0003);
    const consumer = new DescriptorConsumer(pair.words, pair.layout);
    consumer.peek(2);
    expect([consumer.length(1), consumer.options(1)]).toEqual([0xffff_ffff, 0x8000_0003]);
  });
});

describe("an end of a ring", () => {
  it("takes over where another one of the same side stopped", () => {
    const pair = makePair("address", 8, 2 ** 32 - 2);
    const first = new AddressProducer(pair.words, pair.layout);
    first.reserve(5);
    for (let i = 0; i < 5; i++) first.setAddress(i, 100 + i);
    first.submit(3);
    const second = new AddressProducer(pair.words, pair.layout);
    expect(second.pending()).toBe(3);
    expect(second.reserve(8)).toBe(5);
    second.setAddress(0, 203);
    second.submit(1);
    const early = new AddressConsumer(pair.words, pair.layout);
    early.peek(4);
    early.release(1);
    const late = new AddressConsumer(pair.words, pair.layout);
    expect(late.peek(8)).toBe(3);
    expect([0, 1, 2].map((i) => late.address(i))).toEqual([101, 102, 203]);
  });
});
