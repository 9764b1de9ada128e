import { type Bench, RING } from "../bench.js";
import { halveObject } from "../generated/halve.js";
import { numberObject } from "../generated/number.js";
import { shareObject } from "../generated/share.js";
import { expectEqual } from "../outcome.js";
import type { End } from "../pair.js";
import type { Xsk } from "../socket/xsk.js";
import { exchange } from "../traffic/exchange.js";
import { PACKETS, planRx, planTx, type RxPacket, SHORT } from "../traffic/packets.js";
import { Receiver } from "../traffic/receiver.js";
import { Sender } from "../traffic/sender.js";
import type { Case } from "./case.js";
import { fill, runTraffic } from "./link.js";

const JUMBO = 9000;
/** As in bpf/number.bpf.c. */
const METADATA_SIZE = 32;

/** The number before each packet is its place. */
function checkNumber(view: DataView, at: number, { number }: RxPacket): void {
  const seen = view.getUint32(at - METADATA_SIZE, true);
  expectEqual(`the metadata of packet ${number}`, seen, number);
  expectEqual("its upper half", view.getUint32(at - METADATA_SIZE + 4, true), 0);
}

const runMetadata = (bench: Bench): void =>
  void runTraffic(bench, {
    image: { object: numberObject() },
    receiving: { metadata: checkNumber },
  });

/** Two sockets on one queue and UMEM at either end: even packets go to the first, odd ones to the second. */
function runShared(bench: Bench): void {
  const { a, b } = bench.pair;
  const open = (end: End, rings: { rx: number } | { tx: number }): [Xsk, Xsk] => {
    const first = bench.socket(end, { memory: bench.memory(end), ...rings });
    return [first, bench.sibling(first, rings)];
  };
  const receivers = open(b, { rx: RING });
  const senders = open(a, { tx: RING });
  fill(receivers[0], [], true);
  bench.program(a, { object: shareObject() });
  const program = bench.program(b, { object: shareObject() });
  for (const [i, xsk] of receivers.entries()) program.enter(i, xsk);
  const numbered = (i: number) => ({
    count: PACKETS / 2,
    length: () => SHORT,
    number: (index: number) => 2 * index + i,
  });
  exchange({
    senders: senders.map((xsk, i) => {
      const { frameSize, frames } = xsk.memory;
      const half = { frameSize, frames: frames / 2, firstFrame: (i * frames) / 2 };
      const sent = planTx({ ...numbered(i), ...half });
      return new Sender(xsk, bench.profile, sent, { stream: i });
    }),
    receivers: receivers.map((xsk, i) => new Receiver(xsk, planRx(numbered(i)))),
  });
}

/** What XDP programs do to packets on their way to a socket. */
export const PROGRAMS: readonly Case[] = [
  {
    number: 20,
    name: "XDP_DROP_HALF",
    about: "Of packets that a program drops every second of, the others arrive.",
    run: (bench) =>
      void runTraffic(bench, {
        image: { object: halveObject() },
        arrives: (index) => index % 2 === 0,
      }),
  },
  {
    number: 21,
    name: "XDP_SHARED_UMEM",
    about: "Two sockets share a queue and a UMEM; a program gives each its half of the packets.",
    run: runShared,
  },
  {
    number: 22,
    name: "XDP_METADATA_COPY",
    about: "What a program writes as metadata lies before the packet in the UMEM.",
    run: runMetadata,
  },
  {
    number: 23,
    name: "XDP_METADATA_COPY_MULTI_BUFF",
    about: "The same for sockets that take packets of several buffers.",
    run(bench) {
      bench.setMtu(JUMBO);
      runMetadata(bench);
    },
  },
];
