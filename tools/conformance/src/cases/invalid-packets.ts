import { XDP_PKT_CONTD } from "@afxdp/core";
import type { Bench } from "../bench.js";
import { type MemoryOptions, PacketMemory } from "../socket/packet-memory.js";
import { type Fate, SHORT } from "../traffic/packets.js";
import type { Case } from "./case.js";
import { customStream, type Part } from "./custom-stream.js";
import { runTraffic } from "./link.js";

const JUMBO = 9000;
const TOO_LONG = 9001;
const INVALID_OPTION = 0xffff;
const LARGE = 3072;
const WHOLE = 4096;
const UNALIGNED: MemoryOptions = { unaligned: true };

const part = (fate: Fate, length: number, options = 0, offset = 0): Part => ({
  offset,
  length,
  fate,
  options,
});

/**
 * Packets of several descriptors with an invalid part. `end` is the option of that part: XDP_PKT_CONTD as the kernel's
 * program has it, so that the packet has no end but the next one's, or 0. Where the kernel drains broken packets, the
 * first makes one packet of all up to the next end; with the second, kernels agree.
 */
function brokenPackets(bench: Bench, memory: MemoryOptions, end: number): Part[] {
  const { frames = 1024, frameSize = 4096, unaligned = false } = memory;
  const swallowed = end === XDP_PKT_CONTD && bench.profile.brokenTxDrained;
  const large = part("voided", LARGE, XDP_PKT_CONTD);
  const valid: Fate = swallowed ? "voided" : "sent";
  const crossing: Fate = unaligned ? "sent" : "invalid";
  return [
    part("sent", SHORT),
    // A length of 0.
    large,
    large,
    part("invalid", 0),
    // An address behind the UMEM.
    large,
    part("invalid", LARGE, end, frames * frameSize),
    // A length greater than the chunk.
    large,
    part("invalid", TOO_LONG, end),
    // Options that there are not.
    large,
    part("invalid", LARGE, end === 0 ? INVALID_OPTION - XDP_PKT_CONTD : INVALID_OPTION),
    // Two go out, three come in.
    part(valid, WHOLE, XDP_PKT_CONTD),
    part(valid, WHOLE),
    // A part that crosses the end of a chunk.
    unaligned ? part("sent", LARGE, XDP_PKT_CONTD) : large,
    part(crossing, SHORT, 0, unaligned ? -SHORT / 2 : WHOLE - SHORT / 2),
    part("sent", SHORT),
  ];
}

function runBroken(bench: Bench, memory: MemoryOptions): void {
  bench.setMtu(JUMBO);
  const parts = [
    ...brokenPackets(bench, memory, XDP_PKT_CONTD),
    ...brokenPackets(bench, memory, 0),
  ];
  const { sent, expected } = customStream(parts, memory);
  runTraffic(bench, { tx: memory, rx: memory, sent, expected });
}

/**
 * A packet of as many descriptors as there may be; then as many that never end; then two short packets. The first of
 * these ends the endless one where the kernel drains broken packets.
 */
function runTooMany(bench: Bench): void {
  bench.setMtu(JUMBO);
  const most = bench.profile.maxTxDescriptors;
  if (most < 2) bench.skip("the devices have no packets of several buffers in zero copy");
  const more = (fate: Fate): Part => part(fate, SHORT, XDP_PKT_CONTD);
  const parts = [
    part("sent", SHORT),
    ...Array.from({ length: most - 1 }, () => more("sent")),
    part("sent", SHORT),
    ...Array.from({ length: most }, () => more("voided")),
    part(bench.profile.brokenTxDrained ? "voided" : "sent", SHORT),
    part("sent", SHORT),
  ];
  const { sent, expected } = customStream(parts, {});
  runTraffic(bench, { sent, expected });
}

/** A bad part voids its packet, and no other. */
export const INVALID_PACKETS: readonly Case[] = [
  {
    number: 26,
    name: "ALIGNED_INV_DESC_MULTI_BUFF",
    about: "Packets with an invalid part do not arrive; the valid ones between them do.",
    run: (bench) => runBroken(bench, {}),
  },
  {
    number: 27,
    name: "UNALIGNED_INV_DESC_MULTI_BUFF",
    about: "The same with unaligned chunks: crossing one is valid.",
    hugePages: 2 * PacketMemory.hugeBytes(UNALIGNED),
    run: (bench) => runBroken(bench, UNALIGNED),
  },
  {
    number: 28,
    name: "TOO_MANY_FRAGS",
    about:
      "A packet of the most descriptors arrives; one that never ends does not, and what follows does.",
    run: runTooMany,
  },
];
