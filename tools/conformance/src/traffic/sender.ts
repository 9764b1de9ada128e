import { ERRNO, errnoName, POLLOUT } from "@afxdp/core";
import { expect } from "../outcome.js";
import type { Profile } from "../profile/profile.js";
import { setAddress } from "../socket/pool.js";
import type { Xsk } from "../socket/xsk.js";
import { BATCH, type TxEntry, type TxPacket } from "./packets.js";
import { writePiece } from "./payload.js";

/** How a sender sends; what is absent is as in most cases. */
export interface SenderOptions {
  /** Most descriptors at a time. */
  readonly batch?: number;
  /** Which MAC addresses the packets go from and to. */
  readonly stream?: number;
  /** Has the kernel send by `poll(POLLOUT)` and never by `sendto`. */
  readonly poll?: boolean;
  /** Makes one call of `sendto`; returns its negative errno or 0. */
  readonly kick?: (xsk: Xsk) => number;
}

/** What `sendto` may answer while all is well (the C program tolerates the same). */
const TOLERATED: readonly number[] = [ERRNO.ENOBUFS, ERRNO.EAGAIN, ERRNO.EBUSY, ERRNO.ENETDOWN];
const POLL_MS = 100;

/** Sends packets by batches and holds the kernel to the completions. */
export class Sender {
  readonly xsk: Xsk;
  readonly #profile: Profile;
  readonly #packets: readonly TxPacket[];
  readonly #batch: number;
  readonly #stream: number;
  readonly #poll: boolean;
  readonly #kick: (xsk: Xsk) => number;
  #next = 0;
  #sent = 0;

  constructor(
    xsk: Xsk,
    profile: Profile,
    packets: readonly TxPacket[],
    options: SenderOptions = {},
  ) {
    this.xsk = xsk;
    this.#profile = profile;
    this.#packets = packets;
    this.#batch = options.batch ?? BATCH;
    this.#stream = options.stream ?? 0;
    this.#poll = options.poll ?? false;
    this.#kick = options.kick ?? kickOnce;
  }

  /** Packets handed over that the kernel is to send. */
  get sent(): number {
    return this.#sent;
  }

  /** Whether everything was handed over, consumed and completed. */
  get done(): boolean {
    return (
      this.#next === this.#packets.length &&
      this.xsk.tx.consumed() &&
      this.xsk.pool.completions.outstanding === 0
    );
  }

  /** Hands over a batch if the one before was completed, and kicks; returns whether anything moved. */
  step(): boolean {
    const { tx, pool } = this.xsk;
    let moved = false;
    if (tx.consumed() && pool.completions.outstanding === 0) moved = this.#submit() > 0;
    const pending = tx.pending();
    if (pending > 0) this.#drive();
    if (tx.pending() < pending) moved = true;
    return pool.completions.collect() > 0 || moved;
  }

  toString(): string {
    const { tx, pool } = this.xsk;
    return `${this.#next} of ${this.#packets.length} packets handed over, ${tx.pending()} descriptors not consumed, ${pool.completions}`;
  }

  #submit(): number {
    let count = 0;
    while (this.#next < this.#packets.length) {
      const packet = this.#packets[this.#next] as TxPacket;
      if (count + packet.entries.length > this.#batch) break;
      this.#write(packet, count);
      count += packet.entries.length;
      this.#next++;
      if (packet.sent) this.#sent++;
    }
    this.xsk.tx.submit(count);
    return count;
  }

  #write(packet: TxPacket, at: number): void {
    const { tx, pool, memory } = this.xsk;
    const total = at + packet.entries.length;
    expect(tx.reserve(total) === total, `the tx ring has no room for ${total} descriptors`);
    for (const [i, entry] of packet.entries.entries()) {
      const { address, length, options, position } = entry;
      if (entry.fate === "sent") {
        const piece = { at: memory.base + address, length, position, packet: packet.number };
        writePiece(memory.view, piece, this.#stream);
      }
      tx.set(at + i, 0, length, options);
      setAddress(tx, at + i, address);
      if (this.#completes(entry)) pool.completions.expect(this.#completedAddress(entry));
    }
  }

  #completedAddress({ address, fate, position }: TxEntry): number {
    const first = fate === "sent" && position === 0;
    return first && this.#profile.oddCompletionsRounded ? address - (address % 2) : address;
  }

  #completes({ fate }: TxEntry): boolean {
    if (fate === "invalid") return this.#profile.invalidTxCompleted;
    if (fate === "voided") return this.#profile.voidedTxCompleted;
    return true;
  }

  #drive(): void {
    const { kernel } = this.xsk.end;
    if (this.#poll) {
      const events = kernel.wait(this.xsk.fd, POLLOUT, POLL_MS, -1);
      expect(events === POLLOUT, `poll(POLLOUT) gave ${events}`);
      return;
    }
    const error = -this.#kick(this.xsk);
    expect(error === 0 || TOLERATED.includes(error), `sendto failed: ${errnoName(error)}`);
  }
}

/** One call of `sendto`. */
export function kickOnce(xsk: Xsk): number {
  return xsk.end.kernel.kickTx(xsk.fd, 1);
}
