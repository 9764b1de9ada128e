import { XdpError } from "@afxdp/core";
import { expect } from "vitest";
import { codeOf } from "./code-of.js";
import { type Kind, makePair } from "./pairs.js";
import { seeded } from "./seeded.js";

const SIZE = 16;
const VERBS = 24;

/**
 * Uses both ends of a ring while all its words and entries turn into garbage, and checks that nothing is granted beyond
 * the ring's size, that nothing but an XdpError is thrown, and that a poisoned end stays so.
 */
export function abuse(kind: Kind, seed: number): void {
  const random = seeded(seed);
  const pair = makePair(kind, SIZE, random());
  const { producer, consumer, words, layout } = pair;
  const indexWords = [layout.producer / 4, layout.consumer / 4, layout.flags / 4];
  const bad = (what: string): never => expect.fail(`${what}: ${kind} ring, seed ${seed}`);
  const allowed = new Set(["none", "ERR_XDP_RING_CORRUPT", "ERR_XDP_RING_MISUSE"]);
  const count = (n: number): void => {
    if (!(n >= 0 && n <= SIZE)) bad(`a count of ${n}`);
  };
  const attempt = (corrupt: boolean, action: () => unknown): void => {
    const code = codeOf(action);
    if (!allowed.has(code)) bad(code);
    if (corrupt && code !== "ERR_XDP_RING_CORRUPT") bad(`${code} from a poisoned ring`);
  };
  const verbs: readonly (() => void)[] = [
    () => attempt(producer.corrupt, () => count(producer.reserve(random() % 40))),
    () => attempt(producer.corrupt, () => producer.submit(random() % 20)),
    () => attempt(producer.corrupt, () => count(producer.free())),
    () => attempt(producer.corrupt, () => count(producer.pending())),
    () => attempt(producer.corrupt, () => producer.needsWakeup()),
    () => attempt(producer.corrupt, () => pair.write(random() % 20, random())),
    () => attempt(consumer.corrupt, () => count(consumer.peek(random() % 40))),
    () => attempt(consumer.corrupt, () => consumer.release(random() % 20)),
    () => attempt(consumer.corrupt, () => count(consumer.available())),
    () => attempt(consumer.corrupt, () => consumer.address(random() % 20)),
  ];
  for (let step = 0; step < VERBS; step++) {
    const dice = random();
    if (dice % 4 === 0) {
      const word = indexWords[(dice >>> 8) % 3] as number;
      // Half of it is near the truth, where the borders are.
      const near = ((words[word] as number) + ((dice >>> 16) % 40) - 20) | 0;
      words[word] = dice & 16 ? near : random();
    }
    if (dice % 8 === 1) words[layout.desc / 4 + (random() % SIZE)] = random();
    (verbs[(dice >>> 20) % verbs.length] as () => void)();
  }
  count(producer.audit().granted);
  count(consumer.audit().granted);
}

/** Runs `abuse` with errors that carry no stack: a stack costs more than all the rest. */
export function abuseMany(kind: Kind, from: number, to: number): void {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    for (let seed = from; seed < to; seed++) abuse(kind, seed);
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** Makes both ends over `producer` and `consumer` as they are, and tells whether the ring took them. */
export function accepts(kind: Kind, producer: number, consumer: number): boolean {
  const pair = makePair(kind, SIZE);
  pair.words[pair.layout.producer / 4] = producer;
  pair.words[pair.layout.consumer / 4] = consumer;
  const ends = [pair.producer, pair.consumer].map(({ constructor: End }) =>
    codeOf(() => Reflect.construct(End, [pair.words, pair.layout])),
  );
  if (ends[0] !== ends[1]) throw new XdpError("ERR_XDP_STATE", `the ends disagree: ${ends}`);
  return ends[0] === "none";
}
