import { type Bench, RING } from "../bench.js";
import { expect, expectEqual } from "../outcome.js";
import type { Xsk } from "../socket/xsk.js";
import { BATCH, SHORT } from "../traffic/packets.js";
import { checkPiece, writePiece } from "../traffic/payload.js";
import { take, transmit } from "../traffic/raw.js";
import { until } from "../traffic/until.js";
import type { Case } from "./case.js";
import { fill } from "./link.js";

const ROUNDS = 16;
const TOTAL: number = ROUNDS * BATCH;

/** Reads the number of a packet's first word and checks the packet. */
function readPacket({ memory }: Xsk, address: number): number {
  const at = memory.base + address;
  const packet = memory.view.getUint16(at + 16);
  checkPiece(memory.view, { at, length: SHORT, position: 0, packet }, SHORT);
  return packet;
}

/**
 * The entry changes hands behind each batch, while packets are under way: each packet comes to one of the two sockets,
 * none is lost or comes twice, and each socket has its own in order.
 */
function run(bench: Bench): void {
  const { a, b } = bench.pair;
  const first = bench.socket(b, { memory: bench.memory(b), rx: RING });
  const second = bench.sibling(first, { rx: RING });
  const sender = bench.socket(a, { memory: bench.memory(a), tx: RING });
  fill(first, [], true);
  bench.program(a);
  const program = bench.program(b);
  const { memory } = sender;
  const arrived = (): number => first.rx.available() + second.rx.available();
  for (let round = 0; round < ROUNDS; round++) {
    program.enter(0, round % 2 === 0 ? first : second);
    const batch = Array.from({ length: BATCH }, (_, i) => {
      const packet = round * BATCH + i;
      const address = packet * memory.frameSize;
      writePiece(memory.view, { at: memory.base + address, length: SHORT, position: 0, packet }, 0);
      return { address, length: SHORT };
    });
    transmit(sender, batch);
    // Fewer than any queue between the ends holds.
    until(
      b.kernel,
      () => arrived() + BATCH >= (round + 1) * BATCH,
      () => {
        b.kernel.kickRx(first.fd);
        return false;
      },
      () => `${arrived()} of ${(round + 1) * BATCH} packets arrived`,
    );
  }
  until(
    b.kernel,
    () => arrived() >= TOTAL,
    () => {
      b.kernel.kickRx(first.fd);
      return false;
    },
    () => `${arrived()} of ${TOTAL} packets arrived`,
  );
  const seen = new Set<number>();
  for (const xsk of [first, second]) {
    const count = xsk.rx.available();
    expect(count > 0, "one of the sockets got nothing");
    let last = -1;
    for (const { address } of take(xsk, count)) {
      const packet = readPacket(xsk, address);
      expect(packet > last, `packet ${packet} came behind packet ${last}`);
      last = packet;
      seen.add(packet);
    }
  }
  expectEqual("different packets", seen.size, TOTAL);
}

/** The map of sockets. */
export const XSKMAP: readonly Case[] = [
  {
    name: "XSKMAP_SWAPPED",
    about: "An entry that changes hands under traffic loses no packet and doubles none.",
    run,
  },
];
