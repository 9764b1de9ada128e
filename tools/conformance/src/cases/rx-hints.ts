import {
  ERRNO,
  errnoName,
  NETDEV_XDP_RX_METADATA_HASH,
  NETDEV_XDP_RX_METADATA_TIMESTAMP,
  NETDEV_XDP_RX_METADATA_VLAN_TAG,
  XdpFeatureError,
} from "@afxdp/core";
import { type Bench, RING } from "../bench.js";
import { hintsObject } from "../generated/hints.js";
import { expect, expectEqual } from "../outcome.js";
import { inside } from "../pair.js";
import type { Program } from "../program/program.js";
import type { Xsk } from "../socket/xsk.js";
import { BATCH } from "../traffic/packets.js";
import { macOf } from "../traffic/payload.js";
import { take, transmit } from "../traffic/raw.js";
import { writeUdp } from "../traffic/udp.js";
import type { Case } from "./case.js";
import { fill } from "./link.js";

/** `struct hints` of bpf/hints.bpf.c. */
interface Hints {
  readonly timestampError: number;
  readonly hashError: number;
  readonly vlanError: number;
  readonly hash: number;
  readonly timestamp: bigint;
  readonly vlanProtocol: number;
  readonly vlanTag: number;
}

const HINTS_SIZE = 32;
/** The id in a tag, without priority and drop eligibility. */
const VLAN_ID = 0x0fff;
const ETH_P_8021Q = 0x8100;

function readHints({ memory: { view, base } }: Xsk, address: number): Hints {
  const at = base + address - HINTS_SIZE;
  return {
    timestampError: view.getInt32(at, true),
    hashError: view.getInt32(at + 4, true),
    vlanError: view.getInt32(at + 8, true),
    hash: view.getUint32(at + 12, true),
    timestamp: view.getBigUint64(at + 16, true),
    vlanProtocol: view.getUint16(at + 24),
    vlanTag: view.getUint16(at + 26, true),
  };
}

/** Loads the program for its device; skips where the kernel or the driver has no hints. */
function openProgram(bench: Bench): Program {
  const { b } = bench.pair;
  const deviceIndex = inside(b, () => b.kernel.interfaceState(b.interfaceName).index);
  try {
    return bench.program(b, { object: hintsObject(), deviceIndex });
  } catch (error) {
    if (error instanceof XdpFeatureError) bench.skip(error.message);
    throw error;
  }
}

/** Whether a driver that offers a hint answers, and one that does not says so. */
function checkAnswer(what: string, offered: boolean, error: number): void {
  const answers = offered ? [0, ERRNO.ENODATA] : [ERRNO.EOPNOTSUPP];
  expect(
    answers.includes(-error),
    `the ${what} hint gave ${errnoName(error)}, and the driver says that it ${offered ? "has" : "lacks"} it`,
  );
}

/** A receiving socket at queue 0, with the program before it. */
function openReceiver(bench: Bench): Xsk {
  const { b } = bench.pair;
  const receiver = bench.socket(b, { memory: bench.memory(b), rx: RING });
  fill(receiver, [], true);
  openProgram(bench).enter(0, receiver);
  return receiver;
}

function runHints(bench: Bench): void {
  const { a, b } = bench.pair;
  const receiver = openReceiver(bench);
  const sender = bench.socket(a, { memory: bench.memory(a), tx: RING });
  bench.program(a);
  const { memory } = sender;
  const descriptors = Array.from({ length: BATCH }, (_, i) => {
    const address = i * memory.frameSize;
    return { address, length: writeUdp(memory.view, memory.base + address, 0) };
  });
  transmit(sender, descriptors);
  const { rxMetadata } = bench.features(b);
  const offers = (bit: number): boolean => (rxMetadata & bit) !== 0;
  const all = take(receiver, BATCH).map(({ address }) => readHints(receiver, address));
  let last = 0n;
  for (const hints of all) {
    checkAnswer("timestamp", offers(NETDEV_XDP_RX_METADATA_TIMESTAMP), hints.timestampError);
    checkAnswer("hash", offers(NETDEV_XDP_RX_METADATA_HASH), hints.hashError);
    checkAnswer("VLAN", offers(NETDEV_XDP_RX_METADATA_VLAN_TAG), hints.vlanError);
    expect(hints.vlanError !== 0, `a packet without a tag has VLAN tag ${hints.vlanTag}`);
    expect(hints.timestamp >= last, `timestamp ${hints.timestamp} came behind ${last}`);
    expectEqual("the hash of a packet of the same flow", hints.hash, all[0]?.hash ?? 0);
    last = hints.timestamp;
  }
}

function runTag(bench: Bench): void {
  const { b, sendTagged } = bench.pair;
  if (sendTagged === undefined) {
    bench.skip("nobody here sends packets whose VLAN tag is beside them");
  }
  const receiver = openReceiver(bench);
  if ((bench.features(b).rxMetadata & NETDEV_XDP_RX_METADATA_VLAN_TAG) === 0) {
    bench.skip(`${b.interfaceName} has no VLAN hint (netdev xdp-rx-metadata-features)`);
  }
  const tag = sendTagged(macOf(1));
  const [packet] = take(receiver, 1);
  const hints = readHints(receiver, packet?.address ?? 0);
  expectEqual("the VLAN hint of a tagged packet", errnoName(hints.vlanError), errnoName(0));
  expectEqual("the VLAN protocol of a tagged packet", hints.vlanProtocol, ETH_P_8021Q);
  expectEqual("the VLAN tag of a tagged packet", hints.vlanTag & VLAN_ID, tag);
}

const DRIVERS = {
  modes: ["DRV", "ZC"],
  reason: "hints come from a driver, and generic XDP is above it",
} as const;

/** What the driver knows of a received packet. */
export const RX_HINTS: readonly Case[] = [
  {
    name: "RX_HINTS",
    about: "Timestamp, hash and VLAN tag are given as the driver says that it gives them.",
    only: DRIVERS,
    run: runHints,
  },
  {
    name: "RX_HINT_VLAN_TAG",
    about: "The tag of a packet that carries it beside its bytes is given as a hint.",
    only: DRIVERS,
    run: runTag,
  },
];
