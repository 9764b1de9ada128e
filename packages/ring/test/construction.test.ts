import {
  AddressConsumer,
  AddressProducer,
  DescriptorConsumer,
  DescriptorProducer,
  layoutRing,
  type RingLayout,
  type RingMemory,
} from "@afxdp/ring";
import { describe, expect, it } from "vitest";
import { codeOf } from "./support/code-of.js";

const ENDS = [
  { name: "AddressProducer", End: AddressProducer, entrySize: 8 },
  { name: "AddressConsumer", End: AddressConsumer, entrySize: 8 },
  { name: "DescriptorProducer", End: DescriptorProducer, entrySize: 16 },
  { name: "DescriptorConsumer", End: DescriptorConsumer, entrySize: 16 },
] as const;

const NOT_AN_OFFSET: readonly unknown[] = [
  -4,
  -8,
  0.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 60,
  "0",
  0n,
  null,
  undefined,
];

describe.each(ENDS)("$name", ({ End, entrySize }) => {
  const plan = layoutRing({ entries: 8, entrySize });
  const memory = (bytes = plan.byteLength) => new SharedArrayBuffer(bytes);
  const code = (change: Record<string, unknown>, on: unknown = memory(4096)) =>
    codeOf(() => new End(on as RingMemory, { ...plan, ...change } as RingLayout));

  it("fits into exactly the bytes that were planned, and not into fewer", () => {
    expect(new End(memory(), plan).size).toBe(8);
    expect(code({}, memory(plan.byteLength - 1))).toBe("ERR_XDP_RING_MEMORY");
    expect(code({}, memory(plan.byteLength - 8))).toBe("ERR_XDP_RING_MEMORY");
    expect(code({}, memory(0))).toBe("ERR_XDP_RING_MEMORY");
  });

  it.each([0, 3, -1, 1.5, Number.NaN, 2 ** 31, 131072, "8", undefined])(
    "refuses %s entries",
    (entries) => {
      expect(code({ entries })).toBe("ERR_XDP_RING_SIZE");
    },
  );

  it("refuses the size before it looks at anything else", () => {
    expect(code({ entries: 3, producer: -1 }, "no memory")).toBe("ERR_XDP_RING_SIZE");
  });

  describe.each(["producer", "consumer", "flags", "desc"])("the %s offset", (field) => {
    it.each(NOT_AN_OFFSET)("refuses %s", (value) => {
      expect(code({ [field]: value })).toBe("ERR_XDP_RING_MEMORY");
    });

    it("refuses what is not aligned", () => {
      const unaligned = field === "desc" ? [1, 2, 1020, 1028] : [1, 2, 1001, 1022];
      for (const value of unaligned) expect(code({ [field]: value })).toBe("ERR_XDP_RING_MEMORY");
    });

    it("refuses what is not in the buffer, and takes what just is", () => {
      const bytes = field === "desc" ? 8 * entrySize : 4;
      expect(code({ [field]: 4096 - bytes })).toBe("none");
      expect(code({ [field]: 4096 - bytes + 8 })).toBe("ERR_XDP_RING_MEMORY");
      expect(code({ [field]: 4096 })).toBe("ERR_XDP_RING_MEMORY");
      expect(code({ [field]: 2 ** 40 })).toBe("ERR_XDP_RING_MEMORY");
    });
  });

  it.each([
    ["producer on consumer", { producer: 128 }],
    ["producer on flags", { producer: 196 }],
    ["consumer on flags", { consumer: 196 }],
    ["producer on the first entry", { producer: plan.desc }],
    ["consumer in the last entry", { consumer: plan.byteLength - 4 }],
    ["flags among the entries", { flags: plan.desc + 12 }],
    ["entries over all words", { desc: 0 }],
    ["entries over the flags", { desc: 192 }],
  ])("refuses an overlap: %s", (_, change) => {
    expect(code(change)).toBe("ERR_XDP_RING_MEMORY");
  });

  it("takes parts that touch without overlapping", () => {
    expect(code({ producer: 0, consumer: 4, flags: 8, desc: 16 })).toBe("none");
    const end = 8 * entrySize;
    expect(code({ desc: 0, flags: end, consumer: end + 4, producer: end + 8 })).toBe("none");
  });

  it.each([
    ["undefined", undefined],
    ["null", null],
    ["a number", 4096],
    ["an array", [1, 2, 3]],
    ["a plain object", { byteLength: 4096 }],
    ["a Uint8Array", new Uint8Array(4096)],
    ["a Uint32Array", new Uint32Array(1024)],
    ["a DataView", new DataView(new ArrayBuffer(4096))],
    ["an Int32Array that begins later", new Int32Array(new SharedArrayBuffer(8192), 4096)],
    ["an Int32Array that ends earlier", new Int32Array(new SharedArrayBuffer(8192), 0, 16)],
  ])("refuses as memory %s", (_, on) => {
    // Not through a default parameter: undefined is one of the cases.
    expect(codeOf(() => new End(on as never, plan))).toBe("ERR_XDP_RING_MEMORY");
  });

  it("refuses a detached buffer and one that can shrink", () => {
    const detached = new ArrayBuffer(4096);
    structuredClone(detached, { transfer: [detached] });
    expect(code({}, detached)).toBe("ERR_XDP_RING_MEMORY");
    const Resizable = ArrayBuffer as unknown as new (
      bytes: number,
      options: { maxByteLength: number },
    ) => ArrayBuffer;
    const resizable = new Resizable(4096, { maxByteLength: 8192 });
    expect(code({}, resizable)).toBe("ERR_XDP_RING_MEMORY");
    expect(code({}, new Int32Array(resizable))).toBe("ERR_XDP_RING_MEMORY");
  });

  it.each([undefined, null, 8, "layout"])("refuses the layout %s", (layout) => {
    expect(codeOf(() => new End(memory(), layout as never))).toBe("ERR_XDP_RING_MEMORY");
  });

  it.each([
    [9, 0],
    [0, 1],
    [2 ** 31, 0],
    [2 ** 32 - 1, 0],
    [5, 2 ** 32 - 4],
  ])(
    "refuses memory whose indices are impossible: producer %i, consumer %i",
    (producer, consumer) => {
      const words = new Int32Array(memory());
      words[plan.producer / 4] = producer;
      words[plan.consumer / 4] = consumer;
      const before = words.slice();
      expect(codeOf(() => new End(words, plan))).toBe("ERR_XDP_RING_CORRUPT");
      expect(words).toEqual(before);
    },
  );

  it("writes nothing while it is being made", () => {
    const words = new Int32Array(memory()).fill(-1);
    new End(words, plan);
    expect(words.every((word) => word === -1)).toBe(true);
  });
});
