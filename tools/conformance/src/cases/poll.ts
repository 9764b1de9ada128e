import { POLLIN, POLLOUT } from "@afxdp/core";
import { type Bench, RING } from "../bench.js";
import { expect, expectEqual } from "../outcome.js";
import { setAddress } from "../socket/pool.js";
import { BATCH } from "../traffic/packets.js";
import { until } from "../traffic/until.js";
import type { Case } from "./case.js";
import { fill, runTraffic } from "./link.js";

/** As long as one wait of a Kernel may last. */
const TIMEOUT_MS = 100;

/** Nobody sends: the wait ends by itself, and nothing was received. */
function runIdleReceiver(bench: Bench): void {
  const { b } = bench.pair;
  const xsk = bench.socket(b, { memory: bench.memory(b), rx: RING });
  fill(xsk, [], true);
  bench.program(b).enter(0, xsk);
  expectEqual("poll(POLLIN) without a sender", b.kernel.wait(xsk.fd, POLLIN, TIMEOUT_MS, -1), 0);
  expectEqual("packets received without a sender", xsk.rx.available(), 0);
  const { rxDropped, rxRingFull } = b.kernel.statistics(xsk.fd);
  expectEqual("rx_dropped + rx_ring_full", rxDropped + rxRingFull, 0);
}

const FRAME = 2048;
const FRAMES = 1024;
const PACKETS = 8192;

/**
 * Nobody takes the completions: their ring is full after 2048, then the tx ring fills, and `poll(POLLOUT)` is silent
 * from when that is more than half full. The packets are longer than the MTU, so that no receiver is bothered.
 */
function runStuckSender(bench: Bench): void {
  const { a } = bench.pair;
  const xsk = bench.socket(a, { memory: bench.memory(a, { frameSize: FRAME }), tx: RING });
  bench.program(a);
  const { tx, pool } = xsk;
  let sent = 0;
  let writable = true;
  while (sent < PACKETS && writable && tx.reserve(BATCH) === BATCH) {
    for (let i = 0; i < BATCH; i++) {
      tx.set(i, 0, FRAME, 0);
      setAddress(tx, i, ((sent + i) % FRAMES) * FRAME);
    }
    tx.submit(BATCH);
    sent += BATCH;
    const events = a.kernel.wait(xsk.fd, POLLOUT, TIMEOUT_MS, -1);
    expect(events === 0 || events === POLLOUT, `poll(POLLOUT) gave ${events}`);
    writable = events === POLLOUT;
  }
  expect(!writable, `poll(POLLOUT) never timed out in ${sent} packets`);
  const pending = tx.pending();
  expect(pending > RING / 2, `poll(POLLOUT) timed out with only ${pending} of ${RING} pending`);
  // What was consumed is completed, as far as there is room. More may be: older kernels publish the consumer index
  // of the tx ring late.
  const completed = (): number => pool.completions.ring.available();
  until(
    a.kernel,
    () => completed() >= Math.min(sent - pending, RING),
    () => false,
    () => `${completed()} completions for ${sent - pending} descriptors`,
  );
  expect(completed() <= sent, `${completed()} completions for ${sent} packets`);
}

/** Waiting by `poll`. */
export const POLL: readonly Case[] = [
  {
    number: 3,
    name: "POLL_RX",
    about: "A receiver that reads only after POLLIN gets everything.",
    run: (bench) => void runTraffic(bench, { receiving: { poll: true } }),
  },
  {
    number: 4,
    name: "POLL_TX",
    about: "A sender that calls only poll(POLLOUT) sends everything.",
    run: (bench) => void runTraffic(bench, { sending: { poll: true } }),
  },
  {
    number: 5,
    name: "POLL_RXQ_FULL",
    about: "poll(POLLIN) times out when nobody sends.",
    run: runIdleReceiver,
  },
  {
    number: 6,
    name: "POLL_TXQ_FULL",
    about: "poll(POLLOUT) times out when the tx ring is full.",
    run: runStuckSender,
  },
];
