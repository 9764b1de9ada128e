import type { Bench } from "../bench.js";
import { Mismatch } from "../outcome.js";
import { SHORT } from "../traffic/packets.js";
import { writePiece } from "../traffic/payload.js";
import { transmit } from "../traffic/raw.js";

/** More than what goes before the socket knows the NAPI that it is to poll. */
const ROUNDS = 16;
const BATCH = 64;

/**
 * Sends under busy polling; returns nothing when that works, and otherwise why not. In zero copy `sendto` then polls
 * the NAPI of the receive queue instead of waking the driver: one whose transmit queue has a NAPI of its own, as
 * virtio's and igb's on few processors, does not hear of it.
 */
export function missingBusyPoll(bench: Bench): string | undefined {
  const { a } = bench.pair;
  bench.prepareWait();
  const memory = bench.memory(a);
  const xsk = bench.socket(a, { memory, tx: 2 * BATCH });
  bench.program(a);
  const batch = Array.from({ length: BATCH }, (_, packet) => {
    const address = packet * memory.frameSize;
    writePiece(memory.view, { at: memory.base + address, length: SHORT, position: 0, packet }, 0);
    return { address, length: SHORT };
  });
  try {
    for (let round = 0; round < ROUNDS; round++) transmit(xsk, batch);
    return undefined;
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error;
    return `${a.interfaceName} does not send when it is polled busily (sendto with SO_PREFER_BUSY_POLL: ${error.message})`;
  }
}
