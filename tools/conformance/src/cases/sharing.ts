import { type Bench, RING } from "../bench.js";
import type { End } from "../pair.js";
import { inside } from "../pair.js";
import type { PacketMemory } from "../socket/packet-memory.js";
import type { Xsk } from "../socket/xsk.js";
import { exchange } from "../traffic/exchange.js";
import { PACKETS, planRx, planTx, SHORT } from "../traffic/packets.js";
import { writePiece } from "../traffic/payload.js";
import { transmit } from "../traffic/raw.js";
import { Receiver } from "../traffic/receiver.js";
import { Sender } from "../traffic/sender.js";
import { nap } from "../traffic/until.js";
import type { Case } from "./case.js";
import { fillLowerHalf, sendUpperHalf } from "./lifecycle.js";

const length = (): number => SHORT;

/** Milliseconds to wait for a packet that may arrive where nobody listens. */
const SCOUT_MS = 100;

/** The frames of one socket: a quarter of the UMEM. */
function quarter({ frames }: PacketMemory, at: number): { first: number; count: number } {
  const count = frames / 4;
  return { first: at * count, count };
}

/** Sends one packet; returns the socket that it arrives at. Nothing when it is none of these. */
function scout(sender: Xsk, receivers: readonly Xsk[]): Xsk | undefined {
  const { memory } = sender;
  const piece = { at: memory.base, length: SHORT, position: 0, packet: 0 };
  writePiece(memory.view, piece, 0);
  transmit(sender, [{ address: 0, length: SHORT }]);
  for (let waited = 0; waited < SCOUT_MS; waited++) {
    for (const xsk of receivers) {
      xsk.end.kernel.kickRx(xsk.fd);
      if (xsk.rx.peek(1) === 0) continue;
      xsk.pool.refill([xsk.rx.address(0)]);
      xsk.rx.release(1);
      return xsk;
    }
    nap(1);
  }
  return undefined;
}

/** Queues of an end that can both send and receive. */
function queuesOf(end: End): number {
  const { rxQueues, txQueues } = inside(end, () => end.kernel.interfaceState(end.interfaceName));
  return Math.min(rxQueues, txQueues);
}

/**
 * Opens a socket on another queue whose packets arrive at `to`. Which that is, the devices decide: veth in generic
 * mode delivers one queue further down.
 */
function openSenderTo(bench: Bench, first: Xsk, receivers: readonly Xsk[], to: Xsk): Xsk {
  const { memory, end } = first;
  for (let queue = 1; queue < queuesOf(end); queue++) {
    const xsk = bench.socket(end, { memory, queue, tx: RING, shared: first });
    if (scout(xsk, receivers) === to) return xsk;
  }
  return bench.skip(`no queue of ${end.interfaceName} sends to queue ${to.queue} of the other end`);
}

function runQueues(bench: Bench): void {
  const { a, b } = bench.pair;
  for (const end of [a, b]) {
    if (queuesOf(end) < 2) bench.skip(`${end.interfaceName} has one queue`);
  }
  const memory = bench.memory(b);
  const first = bench.socket(b, { memory, rx: RING });
  const second = bench.socket(b, { memory, rx: RING, queue: 1, shared: first });
  const receivers = [first, second];
  const program = bench.program(b);
  bench.program(a);
  for (const [i, xsk] of receivers.entries()) {
    const { first: frame, count } = quarter(memory, i);
    xsk.pool.refill(Array.from({ length: count }, (_, n) => (frame + n) * memory.frameSize));
    program.enter(xsk.queue, xsk);
  }
  const sender = bench.socket(a, { memory: bench.memory(a), tx: RING });
  const senders = [sender, openSenderTo(bench, sender, receivers, second)];
  const numbered = (i: number) => ({
    count: PACKETS / 2,
    length,
    number: (index: number) => 2 * index + i,
  });
  exchange({
    senders: senders.map((xsk, i) => {
      const { first: firstFrame, count: frames } = quarter(xsk.memory, i);
      const { frameSize } = xsk.memory;
      const sent = planTx({ ...numbered(i), frameSize, frames, firstFrame });
      return new Sender(xsk, bench.profile, sent);
    }),
    receivers: receivers.map((xsk, i) => new Receiver(xsk, planRx(numbered(i)))),
  });
}

/** The sender's UMEM is the receiver's, at the other end: the packet is read where the other socket's frames are. */
function runInterfaces(bench: Bench): void {
  const { a, b } = bench.pair;
  if (a.kernel !== b.kernel) bench.skip("the two ends do not have a kernel in common");
  const memory = bench.memory(b);
  const receiver = bench.socket(b, { memory, rx: RING });
  const sender = bench.socket(a, { memory, tx: RING, shared: receiver });
  fillLowerHalf(receiver);
  bench.program(a);
  bench.program(b).enter(0, receiver);
  sendUpperHalf(bench, sender, receiver);
}

/** One UMEM for sockets that do not share a queue. */
export const SHARING: readonly Case[] = [
  {
    name: "SHARED_UMEM_QUEUES",
    about: "Sockets on two queues share a UMEM, each with a fill and completion ring of its own.",
    run: runQueues,
  },
  {
    name: "SHARED_UMEM_INTERFACES",
    about: "Sockets on two interfaces share a UMEM: packets go from one half of it to the other.",
    run: runInterfaces,
  },
];
