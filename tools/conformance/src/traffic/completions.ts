import type { AddressConsumer } from "@afxdp/ring";
import { expect } from "../outcome.js";

/**
 * What a completion ring has to give back: every address that was expected comes exactly once, and no other does.
 */
export class Completions {
  readonly ring: AddressConsumer;
  /** How often each address is still to come. */
  readonly #expected = new Map<number, number>();
  #outstanding = 0;

  constructor(ring: AddressConsumer) {
    this.ring = ring;
  }

  /** Completions that are still to come. */
  get outstanding(): number {
    return this.#outstanding;
  }

  /** Notes that an address is to come. */
  expect(address: number): void {
    this.#expected.set(address, (this.#expected.get(address) ?? 0) + 1);
    this.#outstanding++;
  }

  /** Takes what is there and returns how many: a Mismatch when one was not expected. */
  collect(): number {
    const ring = this.ring;
    const count = ring.peek(ring.size);
    for (let i = 0; i < count; i++) this.#take(readAddress(ring, i));
    ring.release(count);
    return count;
  }

  #take(address: number): void {
    const times = this.#expected.get(address) ?? 0;
    expect(
      times > 0,
      `completed address ${hex(address)}, which was not outstanding (${this.#outstanding} others were)`,
    );
    if (times === 1) this.#expected.delete(address);
    else this.#expected.set(address, times - 1);
    this.#outstanding--;
  }

  /** The addresses that did not come, for a message. */
  toString(): string {
    const first = [...this.#expected.keys()].slice(0, 8).map(hex).join(", ");
    return `${this.#outstanding} completions missing${first === "" ? "" : `: ${first}`}`;
  }
}

/** The address in an entry as a signed number of 64 bits, as the cases write them. */
export function readAddress(ring: AddressConsumer, i: number): number {
  return (ring.addressHigh(i) | 0) * 0x1_0000_0000 + ring.addressLow(i);
}

/** An address as the kernel's messages show it. */
export function hex(address: number): string {
  return address < 0 ? `-0x${(-address).toString(16)}` : `0x${address.toString(16)}`;
}
