import { Bench } from "../bench.js";
import type { Column, Mode } from "../column.js";
import type { Pair } from "../pair.js";
import { probeInvalidTx } from "./invalid-tx.js";
import { findMaxHeadroom } from "./max-headroom.js";
import type { Profile } from "./profile.js";
import { probeWideQueue } from "./wide-queue.js";
import { missingZeroCopy } from "./zero-copy.js";

/** Finds out about a pair, once for each mode. */
export class Prober {
  readonly #pair: Pair;
  readonly #profiles = new Map<Mode, Profile>();
  #headrooms: Pick<Profile, "maxHeadroom2048" | "maxHeadroom4096"> | undefined;
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
    const { b } = this.#pair;
    this.#headrooms ??= {
      maxHeadroom2048: findMaxHeadroom(b, 2048),
      maxHeadroom4096: findMaxHeadroom(b, 4096),
    };
    const column: Column = { mode, wait: "interrupt" };
    const bench = new Bench(this.#pair, column);
    let found: Profile;
    try {
      found = {
        ...this.#headrooms,
        ...probeInvalidTx(bench),
        wideQueueTruncated: probeWideQueue(bench),
      };
    } finally {
      bench.close();
    }
    this.#profiles.set(mode, found);
    return found;
  }
}
