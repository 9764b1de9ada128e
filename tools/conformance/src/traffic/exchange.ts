import { expectEqual } from "../outcome.js";
import type { Receiver } from "./receiver.js";
import type { Sender } from "./sender.js";
import { until } from "./until.js";

/** Packets under way at most: fewer than any queue between the ends holds (veth: 256). */
const UNDER_WAY = 128;

/** Who takes part in an exchange. */
export interface Exchange {
  readonly senders: readonly Sender[];
  readonly receivers: readonly Receiver[];
  /** Packets under way at most. */
  readonly underWay?: number;
  /** Ends the exchange, once everything was received, though not everything was sent. */
  readonly enough?: () => boolean;
}

/**
 * Lets everybody take turns until every packet was sent, completed and received. Then looks once more whether
 * anything came that should not have.
 */
export function exchange(options: Exchange): void {
  const { senders, receivers, underWay = UNDER_WAY, enough } = options;
  const [first] = senders;
  if (first === undefined) throw new RangeError("An exchange needs a sender.");
  const { kernel } = first.xsk.end;
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  const received = (): boolean => receivers.every((receiver) => receiver.done);
  const sent = (): boolean => senders.every((sender) => sender.done);
  const hasRoom = (): boolean =>
    received() ||
    sum(senders.map((sender) => sender.sent)) - sum(receivers.map((receiver) => receiver.passed)) <
      underWay;
  const describe = (): string =>
    `sending: ${senders.join("; ")}; receiving: ${receivers.join("; ")}`;
  until(
    kernel,
    () => received() && (sent() || enough?.() === true),
    () => {
      let moved = false;
      for (const sender of senders) if (hasRoom() && sender.step()) moved = true;
      for (const receiver of receivers) if (!receiver.done && receiver.step()) moved = true;
      return moved;
    },
    describe,
  );
  for (const receiver of receivers) {
    const before = receiver.received;
    receiver.step();
    expectEqual("packets received behind the last", receiver.received - before, 0);
  }
  if (!sent()) return;
  for (const { xsk } of senders) {
    expectEqual("completions behind the last", xsk.pool.completions.collect(), 0);
  }
}
