import {
  AddressConsumer,
  AddressProducer,
  DescriptorConsumer,
  DescriptorProducer,
  layoutRing,
  type PlannedRing,
} from "@afxdp/ring";

export type Kind = "address" | "descriptor";
export const KINDS: readonly Kind[] = ["address", "descriptor"];
export const ENTRY_SIZE = { address: 8, descriptor: 16 } as const;

/** Indices from which a ring soon passes a sign change or the wrap. */
export const STARTS: readonly number[] = [
  0,
  2 ** 31 - 3,
  2 ** 31,
  2 ** 32 - 3,
  2 ** 32 - 1,
  0x1234_5678,
];

/** Both ends of one ring in memory of its own, its words within reach of the test. */
export interface Pair {
  readonly kind: Kind;
  readonly layout: PlannedRing;
  readonly words: Int32Array;
  readonly producer: AddressProducer | DescriptorProducer;
  readonly consumer: AddressConsumer | DescriptorConsumer;
  /** Writes reserved entry `i` so that `read` tells whether all of it arrived. */
  write(i: number, value: number): void;
  read(i: number): number;
}

export function makePair(kind: Kind, entries: number, start = 0, memory?: ArrayBufferLike): Pair {
  const layout = layoutRing({ entries, entrySize: ENTRY_SIZE[kind] });
  const words = new Int32Array(memory ?? new SharedArrayBuffer(layout.byteLength));
  words[layout.producer / 4] = start;
  words[layout.consumer / 4] = start;
  if (kind === "address") {
    const producer = new AddressProducer(words, layout);
    const consumer = new AddressConsumer(words, layout);
    return {
      kind,
      layout,
      words,
      producer,
      consumer,
      write: (i, value) => producer.setAddress(i, value),
      read: (i) => consumer.address(i),
    };
  }
  const producer = new DescriptorProducer(words, layout);
  const consumer = new DescriptorConsumer(words, layout);
  return {
    kind,
    layout,
    words,
    producer,
    consumer,
    write: (i, value) => producer.set(i, value, ~value >>> 0, (value ^ 0x5a5a_5a5a) >>> 0),
    read: (i) => {
      const value = consumer.address(i);
      const whole =
        consumer.length(i) === ~value >>> 0 && consumer.options(i) === (value ^ 0x5a5a_5a5a) >>> 0;
      return whole ? value : Number.NaN;
    },
  };
}

/** Puts `count` entries of values 0, 1, 2, … through the producing end. */
export function produce(pair: Pair, count: number): void {
  const granted = pair.producer.reserve(count);
  if (granted !== count) throw new Error(`granted ${granted} of ${count}`);
  for (let i = 0; i < count; i++) pair.write(i, i);
  pair.producer.submit(count);
}

/** Takes `count` entries out through the consuming end. */
export function consume(pair: Pair, count: number): void {
  const granted = pair.consumer.peek(count);
  if (granted !== count) throw new Error(`showed ${granted} of ${count}`);
  pair.consumer.release(count);
}
