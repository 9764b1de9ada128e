import type { MemoryOptions } from "../socket/packet-memory.js";
import { PacketMemory } from "../socket/packet-memory.js";
import { SHORT } from "../traffic/packets.js";
import type { Case } from "./case.js";
import { runTraffic } from "./link.js";

const UNALIGNED: MemoryOptions = { unaligned: true };
const JUMBO = 9000;

/** Packets from one end to the other, in every layout of memory. */
export const SEND_RECEIVE: readonly Case[] = [
  {
    number: 0,
    name: "SEND_RECEIVE",
    about: "4096 packets of 64 bytes arrive whole and in order.",
    run: (bench) => void runTraffic(bench),
  },
  {
    number: 1,
    name: "SEND_RECEIVE_2K_FRAME",
    about: "The same with chunks of 2048 bytes.",
    run: (bench) => void runTraffic(bench, { tx: { frameSize: 2048 }, rx: { frameSize: 2048 } }),
  },
  {
    number: 2,
    name: "SEND_RECEIVE_SINGLE_PKT",
    about: "One packet at address 0 arrives.",
    run: (bench) => void runTraffic(bench, { count: 1 }),
  },
  {
    number: 7,
    name: "SEND_RECEIVE_UNALIGNED",
    about: "Every second packet starts 32 bytes before a page's end, at both ends, and all arrive.",
    hugePages: 2 * PacketMemory.hugeBytes(UNALIGNED),
    run: (bench) =>
      void runTraffic(bench, {
        tx: UNALIGNED,
        rx: UNALIGNED,
        offset: (index) => (index % 2 === 1 ? -SHORT / 2 : 0),
      }),
  },
  {
    number: 12,
    name: "UMEM_HEADROOM",
    about: "With a headroom of 128 bytes packets lie at 384.",
    run: (bench) => void runTraffic(bench, { rx: { headroom: 128 } }),
  },
  {
    number: 24,
    name: "SEND_RECEIVE_9K_PACKETS",
    about: "4096 packets of 9000 bytes, each of several descriptors, arrive whole.",
    run(bench) {
      bench.setMtu(JUMBO);
      runTraffic(bench, { length: () => JUMBO });
    },
  },
  {
    number: 25,
    name: "SEND_RECEIVE_UNALIGNED_9K_PACKETS",
    about: "The same with unaligned chunks.",
    hugePages: 2 * PacketMemory.hugeBytes(UNALIGNED),
    run(bench) {
      bench.setMtu(JUMBO);
      runTraffic(bench, { tx: UNALIGNED, rx: UNALIGNED, length: () => JUMBO });
    },
  },
];
