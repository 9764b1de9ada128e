import { type Bench, RING } from "../bench.js";
import { expectEqual } from "../outcome.js";
import type { End } from "../pair.js";
import type { Xsk } from "../socket/xsk.js";
import { exchange } from "../traffic/exchange.js";
import { PACKETS, planRx, planTx, SHORT } from "../traffic/packets.js";
import { Receiver } from "../traffic/receiver.js";
import { Sender } from "../traffic/sender.js";
import type { Case } from "./case.js";
import { fill, runTraffic } from "./link.js";

const CYCLES = 10;
const HALF = 512;
const length = (): number => SHORT;

/** Sends the usual packets from one socket to another, out of the upper half of its frames. */
export function sendUpperHalf(bench: Bench, from: Xsk, to: Xsk): void {
  const { frameSize } = from.memory;
  const sent = planTx({ count: PACKETS, length, frameSize, frames: HALF, firstFrame: HALF });
  exchange({
    senders: [new Sender(from, bench.profile, sent)],
    receivers: [new Receiver(to, planRx({ count: PACKETS, length }))],
  });
}

/** Gives a socket's fill ring the lower half of its frames. */
export function fillLowerHalf({ memory, pool }: Xsk): void {
  pool.refill(Array.from({ length: HALF }, (_, frame) => frame * memory.frameSize));
}

/** Sockets that both send and receive: one way, then the other. */
function runBidirectional(bench: Bench): void {
  const open = (end: End): Xsk => {
    const xsk = bench.socket(end, { memory: bench.memory(end), rx: RING, tx: RING });
    fillLowerHalf(xsk);
    return xsk;
  };
  const { a, b } = bench.pair;
  const first = open(a);
  const second = open(b);
  bench.program(a).enter(0, first);
  bench.program(b).enter(0, second);
  sendUpperHalf(bench, first, second);
  sendUpperHalf(bench, second, first);
}

/** The entry of the XSKMAP goes from one socket to another of the same queue, and so do the packets. */
function runCleanup(bench: Bench): void {
  const { a, b } = bench.pair;
  const rx = RING;
  const tx = RING;
  const receiver = bench.socket(b, { memory: bench.memory(b), rx });
  const other = bench.sibling(receiver, { rx });
  const sender = bench.socket(a, { memory: bench.memory(a), tx });
  const otherSender = bench.sibling(sender, { tx });
  fill(receiver, [], true);
  bench.program(a);
  const program = bench.program(b);
  program.enter(0, receiver);
  program.enter(1, other);
  const run = (from: Xsk, to: Xsk): void => {
    const { frameSize, frames } = from.memory;
    exchange({
      senders: [
        new Sender(from, bench.profile, planTx({ count: PACKETS, length, frameSize, frames })),
      ],
      receivers: [new Receiver(to, planRx({ count: PACKETS, length }))],
    });
  };
  run(sender, receiver);
  expectEqual("packets of the socket that is not entered", other.rx.available(), 0);
  program.leave(1);
  program.enter(0, other);
  run(otherSender, other);
  expectEqual("packets of the socket whose entry was taken", receiver.rx.available(), 0);
}

/** Sockets made, used in other ways, and closed. */
export const LIFECYCLE: readonly Case[] = [
  {
    number: 13,
    name: "TEARDOWN",
    about: "Ten times everything is made, used and closed again.",
    run(bench) {
      for (let i = 0; i < CYCLES; i++) bench.nested((own) => void runTraffic(own));
    },
  },
  {
    number: 14,
    name: "BIDIRECTIONAL",
    about: "The same sockets send and receive, first one way, then the other.",
    run: runBidirectional,
  },
  {
    number: 19,
    name: "XDP_PROG_CLEANUP",
    about: "When another socket takes the entry in the XSKMAP, it gets the packets.",
    run: runCleanup,
  },
];
