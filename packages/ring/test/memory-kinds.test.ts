import { createContext, runInContext } from "node:vm";
import {
  AddressConsumer,
  AddressProducer,
  DescriptorConsumer,
  DescriptorProducer,
  layoutRing,
  type RingMemory,
} from "@afxdp/ring";
import { describe, expect, it } from "vitest";

// Neither the language's types nor Node's declare it.
declare const WebAssembly: {
  readonly Memory: new (options: {
    initial: number;
    maximum?: number;
    shared?: boolean;
  }) => { readonly buffer: ArrayBufferLike };
};

const wasmBuffer = (shared: boolean): ArrayBufferLike =>
  new WebAssembly.Memory(shared ? { initial: 1, maximum: 4, shared } : { initial: 1 }).buffer;

function growableBuffer(): SharedArrayBuffer {
  const Growable = SharedArrayBuffer as unknown as new (
    bytes: number,
    options: { maxByteLength: number },
  ) => SharedArrayBuffer;
  return new Growable(65536, { maxByteLength: 131072 });
}

const MEMORIES: readonly [string, () => RingMemory][] = [
  ["a SharedArrayBuffer", () => new SharedArrayBuffer(65536)],
  ["a growable SharedArrayBuffer", growableBuffer],
  ["an ArrayBuffer", () => new ArrayBuffer(65536)],
  ["a shared WebAssembly.Memory", () => wasmBuffer(true)],
  ["an unshared WebAssembly.Memory", () => wasmBuffer(false)],
  ["an Int32Array over a SharedArrayBuffer", () => new Int32Array(new SharedArrayBuffer(65536))],
  ["an Int32Array over a WebAssembly.Memory", () => new Int32Array(wasmBuffer(true))],
  ["an Int32Array over an ArrayBuffer", () => new Int32Array(new ArrayBuffer(65536))],
  ["a buffer of odd length", () => new SharedArrayBuffer(65535)],
  [
    "a buffer of another realm",
    () => runInContext("new SharedArrayBuffer(65536)", createContext()),
  ],
  ["an Int32Array of another realm", () => runInContext("new Int32Array(16384)", createContext())],
];

describe.each(MEMORIES)("rings over %s", (_, makeMemory) => {
  it("lie side by side and do not touch each other", () => {
    const memory = makeMemory();
    const fill = layoutRing({ entries: 64, entrySize: 8, offset: 4096 });
    const rx = layoutRing({ entries: 128, entrySize: 16, offset: 4096 + fill.byteLength });
    const addresses = new AddressProducer(memory, fill);
    const kernelFill = new AddressConsumer(memory, fill);
    const kernelRx = new DescriptorProducer(memory, rx);
    const packets = new DescriptorConsumer(memory, rx);
    for (let round = 0; round < 40; round++) {
      const n = addresses.reserve(48);
      for (let i = 0; i < n; i++) addresses.setAddress(i, round * 1000 + i);
      addresses.submit(n);
      expect(kernelFill.peek(64)).toBe(48);
      expect(kernelRx.reserve(48)).toBe(48);
      for (let i = 0; i < 48; i++) kernelRx.set(i, kernelFill.address(i), 60 + i, i & 1);
      kernelRx.submit(48);
      kernelFill.release(48);
      expect(packets.peek(64)).toBe(48);
      for (let i = 0; i < 48; i++) {
        expect([packets.address(i), packets.length(i), packets.options(i)]).toEqual([
          round * 1000 + i,
          60 + i,
          i & 1,
        ]);
      }
      packets.release(48);
    }
    for (const end of [addresses, kernelFill, kernelRx, packets]) {
      expect(end.audit().problems).toEqual([]);
    }
  });
});
