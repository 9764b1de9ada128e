import { type Bench, RING } from "../bench.js";
import type { End } from "../pair.js";
import { inside } from "../pair.js";
import type { Xsk } from "../socket/xsk.js";
import { exchange } from "../traffic/exchange.js";
import { PACKETS, planRx, planTx, SHORT } from "../traffic/packets.js";
import { writePiece } from "../traffic/payload.js";
import { transmit } from "../traffic/raw.js";
import { Receiver } from "../traffic/receiver.js";
import { Sender } from "../traffic/sender.js";
import { until } from "../traffic/until.js";
import type { Case } from "./case.js";
import { fillLowerHalf, sendUpperHalf } from "./lifecycle.js";

const QUEUES = [0, 1] as const;
const length = (): number => SHORT;

/** The frames of one queue's socket: a quarter of the UMEM to receive, a quarter to send. */
function quarter({ memory }: Xsk, at: number): { first: number; count: number } {
  const count = memory.frames / 4;
  return { first: at * count, count };
}

/** A socket on each of two queues of one end, with a UMEM in common and each with its own rings. */
function openQueues(bench: Bench, end: End, rings: { rx: number } | { tx: number }): Xsk[] {
  const memory = bench.memory(end);
  const first = bench.socket(end, { memory, queue: 0, ...rings });
  return [first, bench.socket(end, { memory, queue: 1, shared: first, ...rings })];
}

/** Skips where a packet from the second queue does not arrive at the second: a card has its own mind about that. */
function requireOwnQueues(bench: Bench, sender: Xsk, receivers: readonly Xsk[]): void {
  const { memory } = sender;
  const { kernel } = bench.pair.b;
  const address = 2 * memory.frameSize;
  writePiece(memory.view, { at: memory.base + address, length: SHORT, position: 0, packet: 0 }, 0);
  transmit(sender, [{ address, length: SHORT }]);
  const arrived = (): Xsk | undefined => receivers.find((xsk) => xsk.rx.available() > 0);
  until(
    kernel,
    () => arrived() !== undefined,
    () => {
      for (const xsk of receivers) kernel.kickRx(xsk.fd);
      return false;
    },
    () => "a packet from queue 1 arrived at neither queue 0 nor 1",
  );
  const receiver = arrived() as Xsk;
  if (receiver.queue !== sender.queue) {
    bench.skip(`packets from queue ${sender.queue} arrive at queue ${receiver.queue}`);
  }
  receiver.rx.peek(1);
  receiver.pool.refill([receiver.rx.address(0)]);
  receiver.rx.release(1);
}

function runQueues(bench: Bench): void {
  const { a, b } = bench.pair;
  for (const end of [a, b]) {
    const { rxQueues, txQueues } = inside(end, () => end.kernel.interfaceState(end.interfaceName));
    if (Math.min(rxQueues, txQueues) < QUEUES.length) {
      bench.skip(`${end.interfaceName} has one queue`);
    }
  }
  const receivers = openQueues(bench, b, { rx: RING });
  const senders = openQueues(bench, a, { tx: RING });
  for (const xsk of receivers) {
    const { first, count } = quarter(xsk, xsk.queue);
    const { frameSize } = xsk.memory;
    xsk.pool.refill(Array.from({ length: count }, (_, i) => (first + i) * frameSize));
  }
  bench.program(a);
  const program = bench.program(b);
  for (const xsk of receivers) program.enter(xsk.queue, xsk);
  requireOwnQueues(bench, senders[1] as Xsk, receivers);
  const numbered = (queue: number) => ({
    count: PACKETS / 2,
    length,
    number: (index: number) => 2 * index + queue,
  });
  exchange({
    senders: senders.map((xsk) => {
      const { first, count } = quarter(xsk, 2 + xsk.queue);
      const { frameSize } = xsk.memory;
      const frames = { frameSize, frames: count, firstFrame: first };
      return new Sender(xsk, bench.profile, planTx({ ...numbered(xsk.queue), ...frames }));
    }),
    receivers: receivers.map((xsk) => new Receiver(xsk, planRx(numbered(xsk.queue)))),
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
