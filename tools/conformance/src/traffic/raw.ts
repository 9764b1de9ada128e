import { expect } from "../outcome.js";
import { setAddress } from "../socket/pool.js";
import type { Xsk } from "../socket/xsk.js";
import { hex, readAddress } from "./completions.js";
import { kickOnce } from "./sender.js";
import { until } from "./until.js";

/** A tx descriptor, as it is. */
export interface RawDescriptor {
  readonly address: number;
  readonly length: number;
  /** 0 when absent. */
  readonly options?: number;
}

/** A received descriptor, as it is. */
export interface Received {
  readonly address: number;
  readonly length: number;
  readonly options: number;
}

/** Puts descriptors into the tx ring, and does nothing to have them sent. */
export function put({ tx }: Xsk, descriptors: readonly RawDescriptor[]): void {
  const { length: count } = descriptors;
  expect(tx.reserve(count) === count, `the tx ring has no room for ${count} descriptors`);
  for (const [i, { address, length, options = 0 }] of descriptors.entries()) {
    tx.set(i, 0, length, options);
    setAddress(tx, i, address);
  }
  tx.submit(count);
}

/** Sends descriptors and waits until as many completions are there; returns their addresses. */
export function transmit(xsk: Xsk, descriptors: readonly RawDescriptor[]): number[] {
  put(xsk, descriptors);
  const { ring } = xsk.pool.completions;
  until(
    xsk.end.kernel,
    () => xsk.tx.consumed() && ring.available() >= descriptors.length,
    () => {
      const before = xsk.tx.pending();
      if (before > 0) kickOnce(xsk);
      return xsk.tx.pending() < before;
    },
    () => `${xsk.tx.pending()} descriptors not consumed, ${ring.available()} completions`,
  );
  return completed(xsk);
}

/** Takes the completions that are there; returns their addresses. */
export function completed(xsk: Xsk): number[] {
  const { ring } = xsk.pool.completions;
  const count = ring.peek(ring.size);
  const addresses = Array.from({ length: count }, (_, i) => readAddress(ring, i));
  ring.release(count);
  return addresses;
}

/** Waits for as many descriptors and takes them. Their chunks do not go back to the fill ring. */
export function take(xsk: Xsk, count: number): Received[] {
  const { rx } = xsk;
  const { kernel } = xsk.end;
  until(
    kernel,
    () => rx.available() >= count,
    () => {
      kernel.kickRx(xsk.fd);
      return false;
    },
    () => `${rx.available()} of ${count} descriptors received`,
  );
  rx.peek(count);
  const received = Array.from({ length: count }, (_, i) => ({
    address: rx.address(i),
    length: rx.length(i),
    options: rx.options(i),
  }));
  rx.release(count);
  return received;
}

/** Addresses for a message. */
export function hexList(addresses: readonly number[]): string {
  return addresses.map(hex).join(", ") || "none";
}
