import { isXdpError } from "@afxdp/core";
import type { RxBatch } from "@afxdp/driver";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openPlayed, type PlayedSocket } from "../support/open-played.js";

const FRAMES = 24;
const ENTRIES = 16;

/** What somebody who can write into the rings does, or the application meanwhile. */
type Deed =
  | { readonly do: "receive"; readonly limit: number; readonly what: number }
  | { readonly do: "send"; readonly frames: number; readonly length: number }
  | { readonly do: "flush" }
  | { readonly do: "deliver"; readonly descriptors: readonly Descriptor[] }
  | { readonly do: "complete"; readonly addresses: readonly Address[] }
  | {
      readonly do: "index";
      readonly ring: Ring;
      readonly end: "producer" | "consumer";
      readonly by: number;
    }
  | { readonly do: "flags"; readonly value: number };
type Ring = "fill" | "completion" | "rx" | "tx";
type Address = readonly [low: number, high: number];
type Descriptor = readonly [address: Address, length: number, options: number];

const word = fc.oneof(fc.nat(), fc.integer(), fc.constantFrom(0, -1, 0x7fff_ffff));
const address: fc.Arbitrary<Address> = fc.oneof(
  // Most of them in frames, where they do harm.
  { weight: 6, arbitrary: fc.tuple(fc.nat(FRAMES * 3000 + 100), fc.constant(0)) },
  {
    weight: 3,
    arbitrary: fc.tuple(
      fc.nat(FRAMES).map((f) => f * 2048 + 256),
      fc.constant(0),
    ),
  },
  // Unaligned chunks: the offset in the top 16 bits.
  {
    weight: 2,
    arbitrary: fc.tuple(
      fc.nat(FRAMES).map((f) => f * 3000),
      fc.constant(256 << 16),
    ),
  },
  { weight: 1, arbitrary: fc.tuple(word, word) },
);
const descriptor: fc.Arbitrary<Descriptor> = fc.tuple(
  address,
  fc.oneof({ weight: 5, arbitrary: fc.nat(2000) }, { weight: 1, arbitrary: word }),
  fc.oneof({ weight: 8, arbitrary: fc.constantFrom(0, 0, 1) }, { weight: 1, arbitrary: word }),
);
const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("receive" as const),
      limit: fc.integer({ min: 1, max: ENTRIES }),
      what: fc.nat(5),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("deliver" as const),
      descriptors: fc.array(descriptor, { minLength: 1, maxLength: ENTRIES }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("complete" as const),
      addresses: fc.array(address, { minLength: 1, maxLength: ENTRIES }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("send" as const),
      frames: fc.integer({ min: 1, max: 4 }),
      length: fc.nat(3000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("flush" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("flags" as const), value: word }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("index" as const),
      ring: fc.constantFrom("fill" as const, "completion" as const, "rx" as const, "tx" as const),
      end: fc.constantFrom("producer" as const, "consumer" as const),
      by: fc.oneof(fc.integer({ min: -20, max: 20 }), word),
    }),
  },
);

/** Everything of a batch is inside of frames that the application has, each frame once. */
function checkBatch({ socket }: PlayedSocket, batch: RxBatch): void {
  const { geometry } = socket.umem;
  const seen = new Set<number>();
  for (let i = 0; i < batch.count; i++) {
    let whole = 0;
    for (const view of batch.views(i)) {
      const at = view.byteOffset - socket.bytes.byteOffset;
      expect(view.length).toBeGreaterThan(0);
      expect(at + view.length).toBeLessThanOrEqual(geometry.baseOf(at) + geometry.frameSize);
      expect(socket.umem.stateOf(at)).toBe("application");
      expect(seen.has(geometry.frameOf(at))).toBe(false);
      seen.add(geometry.frameOf(at));
      whole += view.length;
    }
    expect(batch.length(i)).toBe(whole);
    expect(batch.packet(i).length).toBe(whole);
  }
}

function use(a: PlayedSocket, batch: RxBatch, what: number): void {
  checkBatch(a, batch);
  for (let i = 0; i < batch.count; i++) {
    if (what === 1) attempt(() => batch.send(i));
    if (what === 2 && i % 2 === 0) {
      batch.keep(i);
      for (let s = 0; s < batch.segmentCount(i); s++) a.socket.free(batch.segmentAddress(i, s));
    }
    if (what === 3) attempt(() => batch.forward(i, a.socket));
    if (what === 4) attempt(() => batch.send(i, 100));
  }
}

const EXPECTED = new Set(["ERR_XDP_RING_CORRUPT", "ERR_XDP_FRAME_SIZE", "ERR_XDP_CHAIN"]);

function attempt(action: () => unknown): void {
  try {
    action();
  } catch (error) {
    if (!isXdpError(error) || !EXPECTED.has(error.code)) throw error;
  }
}

function perform(a: PlayedSocket, next: Deed): void {
  const { socket, rings } = a;
  if (next.do === "receive") {
    attempt(() => socket.receive((batch) => use(a, batch, next.what), next.limit));
  } else if (next.do === "send") {
    attempt(() => socket.send(new Uint8Array(next.frames * next.length)));
  } else if (next.do === "flush") {
    attempt(() => socket.flush());
  } else if (next.do === "flags") {
    for (const { words, layout } of [rings.tx, rings.fill]) words[layout.flags / 4] = next.value;
  } else if (next.do === "index") {
    const { words, layout } = rings[next.ring];
    words[layout[next.end] / 4] = (words[layout[next.end] / 4] as number) + next.by;
  } else if (next.do === "deliver") {
    const entries = next.descriptors.map(([place, ...rest]) => [...place, ...rest]);
    forge(rings.rx, 4, entries);
  } else {
    forge(rings.completion, 2, next.addresses);
  }
}

/** Writes entries as words behind the producer index, and moves it. */
function forge(
  { words, layout }: PlayedSocket["rings"]["rx" | "completion"],
  width: number,
  entries: readonly (readonly number[])[],
): void {
  const producer = words[layout.producer / 4] as number;
  for (const [k, entry] of entries.entries()) {
    const slot = (producer + k) & (layout.entries - 1);
    words.set(entry, layout.desc / 4 + slot * width);
  }
  const room = ENTRIES - ((producer - (words[layout.consumer / 4] as number)) | 0);
  Atomics.store(words, layout.producer / 4, producer + Math.max(0, Math.min(entries.length, room)));
}

const LAYOUTS = [
  ["one frame a packet", { umem: { frameCount: FRAMES }, bind: {} }],
  ["several frames a packet", { umem: { frameCount: FRAMES }, bind: { multiBuffer: true } }],
  [
    "unaligned frames, several a packet",
    { umem: { frameCount: FRAMES, frameSize: 3000, unaligned: true }, bind: { multiBuffer: true } },
  ],
  [
    "frames with TX metadata",
    { umem: { frameCount: FRAMES, txMetadata: true }, bind: { multiBuffer: true } },
  ],
] as const;

describe.each(LAYOUTS)("rings that somebody scribbles over: %s", (_what, wanted) => {
  it("never give a view outside, a frame that is not ours, or lose one", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { minLength: 1, maxLength: 40 }), async (deeds) => {
        const a = await openPlayed({ ...wanted, entries: ENTRIES });
        let kicks = 0;
        a.played.onKick = () => {
          expect(++kicks).toBeLessThan(deeds.length * 4 * ENTRIES);
        };
        for (const next of deeds) {
          perform(a, next);
          expect(a.socket.umem.audit()).toBe(true);
          const { rings, ...stats } = a.socket.stats();
          expect(Object.keys(rings)).toEqual(["fill", "completion", "rx", "tx"]);
          for (const value of Object.values(stats)) expect(value).not.toBeNaN();
        }
        const { application } = await a.socket.close();
        expect(application).toBe(0);
        expect(a.socket.umem.audit()).toBe(true);
      }),
      { numRuns: Number(process.env.AFXDP_FORGED_RUNS ?? 40) },
    );
  }, 60_000);
});
