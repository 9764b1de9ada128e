import { XDP_PACKET_HEADROOM, type XdpStatistics } from "@afxdp/core";
import type { Bench } from "../bench.js";
import { expect, expectEqual } from "../outcome.js";
import type { Xsk } from "../socket/xsk.js";
import { PACKETS, planRx, planTx, SHORT, type TxPacket } from "../traffic/packets.js";
import { until } from "../traffic/until.js";
import type { Case } from "./case.js";
import { runTraffic } from "./link.js";

const FRAME = 4096;
const FRAMES = 1024;
const TOO_LONG = 9001;

const statistics = (xsk: Xsk): XdpStatistics => xsk.end.kernel.statistics(xsk.fd);

/** Waits until a counter has reached a value: the last packets may still be under way. */
function awaitCounter(xsk: Xsk, counter: keyof XdpStatistics, value: number): void {
  until(
    xsk.end.kernel,
    () => statistics(xsk)[counter] >= value,
    () => false,
    () => `${counter} is ${statistics(xsk)[counter]}, not ${value}`,
  );
}

/** Every second packet is longer than what the headroom leaves of a chunk. */
function runDropped(bench: Bench): void {
  // As the kernel's program has it, 192 bytes are left; where that is too much headroom, as little as may be.
  const headroom = Math.min(FRAME - XDP_PACKET_HEADROOM - 3 * SHORT, bench.profile.maxHeadroom4096);
  const tooLong = FRAME - XDP_PACKET_HEADROOM - headroom + SHORT;
  const length = (index: number): number => (index % 2 === 1 ? tooLong : SHORT);
  const { receiver } = runTraffic(bench, {
    rx: { headroom },
    length,
    arrives: (index) => index % 2 === 0,
  });
  awaitCounter(receiver, "rxDropped", PACKETS / 2);
  expectEqual("rx_dropped", statistics(receiver).rxDropped, PACKETS / 2);
}

/** Every second descriptor is longer than a chunk. */
function runInvalid(bench: Bench): void {
  const bad = (index: number): boolean => index % 2 === 1;
  const sent: TxPacket[] = planTx({
    count: PACKETS,
    length: () => SHORT,
    frameSize: FRAME,
    frames: FRAMES,
  }).map((packet, index) =>
    bad(index)
      ? {
          number: packet.number,
          sent: false,
          entries: [{ address: 0, length: TOO_LONG, options: 0, fate: "invalid", position: 0 }],
        }
      : packet,
  );
  const { sender } = runTraffic(bench, { sent, arrives: (index) => !bad(index) });
  expectEqual("tx_invalid_descs", statistics(sender).txInvalidDescs, PACKETS / 2);
}

const SENT = FRAMES + FRAMES / 2;

function excess(): { readonly sent: TxPacket[]; readonly expected: ReturnType<typeof planRx> } {
  const length = (): number => SHORT;
  return {
    sent: planTx({ count: SENT, length, frameSize: FRAME, frames: FRAMES }),
    expected: planRx({ count: FRAMES, length }),
  };
}

/** 1024 arrive, and the rx ring is full from then on. Some cards hold up the sender of the others. */
function runRxFull(bench: Bench): void {
  const { receiver } = runTraffic(bench, {
    ...excess(),
    rxRing: FRAMES,
    receiving: { release: false },
    enough: (xsk) => statistics(xsk).rxRingFull > 0,
  });
  awaitCounter(receiver, "rxRingFull", 1);
  const { rxRingFull } = statistics(receiver);
  expect(rxRingFull <= SENT - FRAMES, `rx_ring_full is ${rxRingFull}, more than was sent`);
}

/** 1024 arrive, and no chunk is left from then on. */
function runFillEmpty(bench: Bench): void {
  const { receiver } = runTraffic(bench, {
    ...excess(),
    fillUp: false,
    receiving: { refill: false },
    enough: (xsk) => statistics(xsk).rxFillRingEmptyDescs > 0,
  });
  awaitCounter(receiver, "rxFillRingEmptyDescs", 1);
}

/** The kernel's counters of what went wrong. */
export const STATISTICS: readonly Case[] = [
  {
    number: 15,
    name: "STAT_RX_DROPPED",
    about: "Packets longer than a chunk's room are counted as dropped; those between them arrive.",
    only: { modes: ["SKB", "DRV"], reason: "a zero-copy driver drops before the kernel counts" },
    run: runDropped,
  },
  {
    number: 16,
    name: "STAT_TX_INVALID",
    about: "Each invalid descriptor is counted; the packets between them arrive.",
    run: runInvalid,
  },
  {
    number: 17,
    name: "STAT_RX_FULL",
    about: "What finds the rx ring full is counted.",
    run: runRxFull,
  },
  {
    number: 18,
    name: "STAT_FILL_EMPTY",
    about: "What finds the fill ring empty is counted.",
    run: runFillEmpty,
  },
];
