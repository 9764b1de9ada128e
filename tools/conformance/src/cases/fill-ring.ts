import { XDP_PACKET_HEADROOM } from "@afxdp/core";
import { type Bench, RING } from "../bench.js";
import { expectEqual } from "../outcome.js";
import type { PacketMemory } from "../socket/packet-memory.js";
import type { Xsk } from "../socket/xsk.js";
import { SHORT } from "../traffic/packets.js";
import { checkPiece, writePiece } from "../traffic/payload.js";
import { take, transmit } from "../traffic/raw.js";
import type { Case } from "./case.js";

const COPY_ONLY = {
  modes: ["SKB", "DRV"],
  reason: "what a driver does with the fill ring is its own",
} as const;

interface Ends {
  readonly sender: Xsk;
  readonly receiver: Xsk;
}

/** Two sockets, with nothing in the fill ring but these addresses. */
function open(bench: Bench, addresses: readonly number[]): Ends {
  const { a, b } = bench.pair;
  const receiver = bench.socket(b, { memory: bench.memory(b), rx: RING });
  const sender = bench.socket(a, { memory: bench.memory(a), tx: RING });
  receiver.pool.refill(addresses);
  bench.program(a);
  bench.program(b).enter(0, receiver);
  return { sender, receiver };
}

/** Sends short packets from one frame after the other. */
function send({ sender }: Ends, count: number): void {
  const { memory } = sender;
  const descriptors = Array.from({ length: count }, (_, packet) => ({
    address: packet * memory.frameSize,
    length: SHORT,
  }));
  for (const [packet, { address }] of descriptors.entries()) {
    writePiece(memory.view, { at: memory.base + address, length: SHORT, position: 0, packet }, 0);
  }
  transmit(sender, descriptors);
}

function checkPacket(memory: PacketMemory, address: number, packet: number): void {
  const piece = { at: memory.base + address, length: SHORT, position: 0, packet };
  checkPiece(memory.view, piece, SHORT);
}

function runInvalid(bench: Bench): void {
  const outside = 1024 * 4096;
  const good = 7 * 4096;
  const ends = open(bench, [outside, good]);
  send(ends, 1);
  const { receiver } = ends;
  const [packet] = take(receiver, 1);
  expectEqual("the address of the packet", packet?.address ?? -1, good + XDP_PACKET_HEADROOM);
  checkPacket(receiver.memory, good + XDP_PACKET_HEADROOM, 0);
  expectEqual("addresses left in the fill ring", receiver.pool.fill.pending(), 0);
  const counters = receiver.end.kernel.statistics(receiver.fd);
  for (const [name, value] of Object.entries(counters)) expectEqual(name, value, 0);
}

function runDuplicated(bench: Bench): void {
  const twice = 5 * 4096;
  const ends = open(bench, [twice, twice]);
  send(ends, 2);
  const { receiver } = ends;
  for (const { address } of take(receiver, 2)) {
    expectEqual("the address of a packet", address, twice + XDP_PACKET_HEADROOM);
    // The second was written over the first.
    checkPacket(receiver.memory, address, 1);
  }
}

/** What the kernel does not notice of the fill ring. */
export const FILL_RING: readonly Case[] = [
  {
    name: "FILL_INVALID_ADDRESS",
    about: "An address outside of the UMEM is consumed and counted nowhere; the next one is used.",
    only: COPY_ONLY,
    run: runInvalid,
  },
  {
    name: "FILL_DUPLICATED_ADDRESS",
    about: "An address given twice yields two descriptors over one buffer.",
    only: COPY_ONLY,
    run: runDuplicated,
  },
];
