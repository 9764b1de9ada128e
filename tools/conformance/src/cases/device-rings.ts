import { type DeviceRings, ERRNO, XdpSystemError } from "@afxdp/core";
import type { Bench } from "../bench.js";
import { inside } from "../pair.js";
import { exchange } from "../traffic/exchange.js";
import { BATCH, planRx, planTx, SHORT } from "../traffic/packets.js";
import { Receiver } from "../traffic/receiver.js";
import { Sender } from "../traffic/sender.js";
import type { Case } from "./case.js";
import { type Link, openLink } from "./link.js";

const PACKETS = 4096;
const DESCRIPTORS = 8192;
const LARGE_BATCH = 2048;

/** The sizes of the sending card's own rings; skips where it has none. */
function ringsOf(bench: Bench): DeviceRings {
  const { kernel, interfaceName } = bench.pair.a;
  try {
    return inside(bench.pair.a, () => kernel.deviceRings(interfaceName));
  } catch (error) {
    if (error instanceof XdpSystemError && error.errno === ERRNO.EOPNOTSUPP) {
      bench.skip(`${interfaceName} has no rings of its own (ETHTOOL_GRINGPARAM: EOPNOTSUPP)`);
    }
    throw error;
  }
}

/** Sets the card's rings for this case. */
function setRings(bench: Bench, before: DeviceRings, rx: number, tx: number): void {
  const { a } = bench.pair;
  const set = (sizes: { rx: number; tx: number }): void =>
    inside(a, () => a.kernel.setDeviceRings(a.interfaceName, sizes));
  bench.defer(() => set({ rx: before.rx, tx: before.tx }));
  set({ rx, tx });
}

function run(bench: Bench, { sender, receiver }: Link, count: number, batch: number): void {
  const { frameSize, frames } = sender.memory;
  const length = (): number => SHORT;
  const sent = planTx({ count, length, frameSize, frames });
  exchange({
    senders: [new Sender(sender, bench.profile, sent, { batch })],
    receivers: [new Receiver(receiver, planRx({ count, length }), { batch })],
    underWay: Math.max(128, batch),
  });
}

/** Rings of the card, in their least and greatest sizes. */
export const DEVICE_RINGS: readonly Case[] = [
  {
    number: 29,
    name: "HW_SW_MIN_RING_SIZE",
    about: "With the card's rings at 64 and 128, packets arrive in batches of 1 and of 63.",
    run(bench) {
      setRings(bench, ringsOf(bench), 2 * BATCH, BATCH);
      const link = openLink(bench, { budget: 1 });
      run(bench, link, PACKETS, 1);
      run(bench, link, PACKETS, BATCH - 1);
    },
  },
  {
    number: 30,
    name: "HW_SW_MAX_RING_SIZE",
    about:
      "With all rings at their greatest, packets arrive in batches of 2048 and nearly a whole ring.",
    run(bench) {
      const before = ringsOf(bench);
      setRings(bench, before, before.maxRx, before.maxTx);
      const memory = { frames: DESCRIPTORS };
      const rings = { rings: DESCRIPTORS, budget: LARGE_BATCH };
      const link = openLink(bench, { rx: memory, tx: memory, ...rings });
      run(bench, link, PACKETS, LARGE_BATCH);
      // A multiple of 8: some cards ignore the lowest bits of the place in their ring.
      run(bench, link, DESCRIPTORS, Math.min(DESCRIPTORS, before.maxTx) - 8);
    },
  },
];
