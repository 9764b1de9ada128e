import type { Bench } from "../bench.js";
import { type MemoryOptions, PacketMemory } from "../socket/packet-memory.js";
import { SHORT } from "../traffic/packets.js";
import type { Case } from "./case.js";
import { customStream, type Part } from "./custom-stream.js";
import { runTraffic } from "./link.js";

const TOO_LONG = 9001;
const PAGE = 0x1000;
const HALF_PAGE = 0x800;

/** Ten descriptors, good ones between bad ones: only the good ones arrive. */
function run(bench: Bench, memory: MemoryOptions): void {
  const { frames = 1024, frameSize = 4096, unaligned = false } = memory;
  const size = frames * frameSize;
  const good = (offset: number): Part => ({ offset, length: SHORT, fate: "sent" });
  const bad = (offset: number, length = SHORT): Part => ({ offset, length, fate: "invalid" });
  const maybe = (isGood: boolean, offset: number): Part => (isGood ? good(offset) : bad(offset));
  const parts: Part[] = [
    good(0),
    good(0),
    // Before the start of the UMEM.
    bad(-2),
    bad(0, TOO_LONG),
    // The UMEM's last bytes: this is the third frame that is taken.
    good(size - SHORT - 2 * frameSize),
    // Behind its end, and across it.
    bad(size),
    bad(size - SHORT / 2),
    // Across the end of a page, and across the middle of one.
    maybe(unaligned, PAGE - SHORT / 2),
    maybe(unaligned || frameSize > HALF_PAGE, HALF_PAGE - SHORT / 2),
    good(0),
  ];
  const { sent, expected } = customStream(parts, memory);
  runTraffic(bench, { tx: memory, rx: memory, sent, expected });
}

const UNALIGNED: MemoryOptions = { unaligned: true };
/** The UMEM's end is then within a page. */
const UNALIGNED_4001: MemoryOptions = { unaligned: true, frameSize: 4001 };

/** Invalid descriptors are refused one by one, and the profile says whether they are completed. */
export const INVALID_DESCRIPTORS: readonly Case[] = [
  {
    number: 8,
    name: "ALIGNED_INV_DESC",
    about: "Of ten descriptors only the valid ones arrive.",
    run: (bench) => run(bench, {}),
  },
  {
    number: 9,
    name: "ALIGNED_INV_DESC_2K_FRAME_SIZE",
    about: "The same with chunks of 2048 bytes: crossing one is invalid, too.",
    run: (bench) => run(bench, { frameSize: 2048 }),
  },
  {
    number: 10,
    name: "UNALIGNED_INV_DESC",
    about: "The same with unaligned chunks: crossing a page is valid.",
    hugePages: 2 * PacketMemory.hugeBytes(UNALIGNED),
    run: (bench) => run(bench, UNALIGNED),
  },
  {
    number: 11,
    name: "UNALIGNED_INV_DESC_4001_FRAME_SIZE",
    about: "The same with chunks of 4001 bytes, so that the UMEM ends within a page.",
    hugePages: 2 * PacketMemory.hugeBytes(UNALIGNED_4001),
    run: (bench) => run(bench, UNALIGNED_4001),
  },
];
