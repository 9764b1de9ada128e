import { describeJump, type Role } from "./faults.js";

/** What `audit()` of one end of a ring found. Indices count modulo 2^32, unsigned. */
export interface RingAudit {
  /** The four index words can be true together, and the ring is not poisoned. */
  readonly ok: boolean;
  /** What cannot be true, in words; empty when `ok`. */
  readonly problems: string[];
  readonly size: number;
  /** The producer word in the shared memory. */
  readonly producer: number;
  /** The consumer word in the shared memory. */
  readonly consumer: number;
  /** This end's own index, as it counts it in private. */
  readonly own: number;
  /** The other end's index, as it was last read and believed. */
  readonly peer: number;
  /** `producer` less `consumer`: the entries in the ring, when `ok`. */
  readonly used: number;
  /** Entries reserved and not yet submitted, or peeked and not yet released. */
  readonly granted: number;
}

/** What an end of a ring knows, for {@link auditRing}. */
export interface RingState {
  readonly role: Role;
  readonly size: number;
  readonly producer: number;
  readonly consumer: number;
  readonly own: number;
  readonly peer: number;
  readonly granted: number;
  /** Why the ring is poisoned; empty when it is not. */
  readonly fault: string;
}

/**
 * Tells whether a ring's four words can be true together. Each of these must hold; the first two need both ends to be
 * honest, the last two only this one.
 *
 * - Our word in shared memory is what we published: only we write it.
 * - The peer's word has moved forward from what we believed, by no more than we had left for it: entries to take from
 *   a producer, room to fill from a consumer.
 * - Our index and the believed one are at most the size apart.
 * - No more is granted than the believed index allows.
 */
export function auditRing(state: RingState): RingAudit {
  const { role, size, own, peer, granted, fault } = state;
  const [ownWord, peerWord] =
    role === "producer" ? [state.producer, state.consumer] : [state.consumer, state.producer];
  const problems: string[] = [];
  if (fault !== "") problems.push(`The ring is poisoned: ${fault}`);
  if (ownWord !== own) {
    problems.push(
      `The ring's ${role} index is ${ownWord >>> 0} in memory, but this end published ${own >>> 0}: ` +
        "something else writes to it.",
    );
  }
  const between = role === "producer" ? (own - peer) >>> 0 : (peer - own) >>> 0;
  const left = role === "producer" ? between : size - between;
  if (between > size) {
    problems.push(`This end's indices are ${between} apart in a ring of ${size}.`);
  } else {
    if ((peerWord - peer) >>> 0 > left) {
      problems.push(describeJump(role, peer, peerWord, left, size));
    }
    const grantable = size - left;
    if (granted > grantable) {
      problems.push(`${granted} entries are granted, but only ${grantable} can be.`);
    }
  }
  return {
    ok: problems.length === 0,
    problems,
    size,
    producer: state.producer >>> 0,
    consumer: state.consumer >>> 0,
    own: own >>> 0,
    peer: peer >>> 0,
    used: (state.producer - state.consumer) >>> 0,
    granted,
  };
}
