import { AddressConsumer, AddressProducer, type DescriptorProducer } from "@afxdp/ring";
import { Completions } from "../traffic/completions.js";
import type { PacketMemory } from "./packet-memory.js";
import type { RingMaps } from "./ring-maps.js";

/** A fill and a completion ring over a UMEM: what the sockets of one queue share. */
export class Pool {
  readonly memory: PacketMemory;
  readonly fill: AddressProducer;
  readonly completions: Completions;

  constructor(memory: PacketMemory, maps: RingMaps, sizes: { fill: number; completion: number }) {
    const { words } = memory.arena;
    this.memory = memory;
    this.fill = new AddressProducer(words, maps.add("fill", sizes.fill));
    this.completions = new Completions(
      new AddressConsumer(words, maps.add("completion", sizes.completion)),
    );
  }

  /** Puts addresses into the fill ring, which has room for all of them. */
  refill(addresses: readonly number[]): void {
    const granted = this.fill.reserve(addresses.length);
    if (granted !== addresses.length) {
      throw new RangeError(`The fill ring has room for ${granted}, not ${addresses.length}.`);
    }
    for (const [i, address] of addresses.entries()) setAddress(this.fill, i, address);
    this.fill.submit(granted);
  }
}

/** Writes an address that may be negative, as a program's mistake would make it. */
export function setAddress(
  ring: AddressProducer | DescriptorProducer,
  i: number,
  address: number,
): void {
  ring.setAddressWords(i, address | 0, Math.floor(address / 0x1_0000_0000) | 0);
}
