import { Bench } from "../bench.js";
import type { Mode } from "../column.js";
import type { Pair } from "../pair.js";
import { probeMultiBuffer, probeTxMetadata, probeWideQueue } from "./features.js";
import { probeInvalidTx } from "./invalid-tx.js";
import { findMaxTxDescriptors } from "./max-descriptors.js";
import { findMaxHeadroom } from "./max-headroom.js";
import type { Profile } from "./profile.js";
import { missingZeroCopy } from "./zero-copy.js";

type Headrooms = Pick<Profile, "maxHeadroom2048" | "maxHeadroom4096">;

/** Finds out about a pair, once for each mode. */
export class Prober {
  readonly #pair: Pair;
  readonly #profiles = new Map<Mode, Profile>();
  #headrooms: Headrooms | undefined;
  #zeroCopy: { readonly missing: string | undefined } | undefined;

  constructor(pair: Pair) {
    this.#pair = pair;
  }

  /** Why no case can run in a mode; nothing when it can. */
  missing(mode: Mode): string | undefined {
    if (mode !== "ZC") return undefined;
    const { a, b } = this.#pair;
    this.#zeroCopy ??= { missing: missingZeroCopy(a) ?? missingZeroCopy(b) };
    return this.#zeroCopy.missing;
  }

  /** The profile of a mode that is not missing. */
  profile(mode: Mode): Profile {
    const known = this.#profiles.get(mode);
    if (known !== undefined) return known;
    const found: Profile = {
      multiBuffer: this.#on(mode, probeMultiBuffer),
      maxTxDescriptors: this.#on(mode, findMaxTxDescriptors),
      txMetadata: this.#on(mode, probeTxMetadata),
      ...this.#on(mode, probeInvalidTx),
      wideQueueTruncated: this.#on(mode, probeWideQueue),
      ...this.#findHeadrooms(),
    };
    this.#profiles.set(mode, found);
    return found;
  }

  #on<T>(mode: Mode, probe: (bench: Bench) => T): T {
    const bench = new Bench(this.#pair, { mode, wait: "interrupt" });
    try {
      return probe(bench);
    } finally {
      bench.close();
    }
  }

  #findHeadrooms(): Headrooms {
    const { b } = this.#pair;
    this.#headrooms ??= {
      maxHeadroom2048: findMaxHeadroom(b, 2048),
      maxHeadroom4096: findMaxHeadroom(b, 4096),
    };
    return this.#headrooms;
  }
}
