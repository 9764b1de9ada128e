import { Bench } from "../bench.js";
import { type Column, columnName, type Mode } from "../column.js";
import type { Pair } from "../pair.js";
import { missingBusyPoll } from "./busy-poll.js";
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
  readonly #missing = new Map<string, string | undefined>();

  constructor(pair: Pair) {
    this.#pair = pair;
  }

  /** Why no case can run in a column; nothing when it can. */
  missing(column: Column): string | undefined {
    if (column.mode !== "ZC") return undefined;
    const key = columnName(column);
    if (!this.#missing.has(key)) this.#missing.set(key, this.#findMissing(column));
    return this.#missing.get(key);
  }

  /** The profile of a mode that is not missing. */
  profile(mode: Mode): Profile {
    const known = this.#profiles.get(mode);
    if (known !== undefined) return known;
    const column: Column = { mode, wait: "interrupt" };
    const found: Profile = {
      multiBuffer: this.#on(column, probeMultiBuffer),
      maxTxDescriptors: this.#on(column, findMaxTxDescriptors),
      txMetadata: this.#on(column, probeTxMetadata),
      ...this.#on(column, probeInvalidTx),
      wideQueueTruncated: this.#on(column, probeWideQueue),
      ...this.#findHeadrooms(),
    };
    this.#profiles.set(mode, found);
    return found;
  }

  #findMissing(column: Column): string | undefined {
    const { a, b } = this.#pair;
    if (column.wait === "interrupt") return missingZeroCopy(a) ?? missingZeroCopy(b);
    return this.missing({ mode: "ZC", wait: "interrupt" }) ?? this.#on(column, missingBusyPoll);
  }

  #on<T>(column: Column, probe: (bench: Bench) => T): T {
    const bench = new Bench(this.#pair, column);
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
