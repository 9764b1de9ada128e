import { BPF_ANY, ERRNO, encodeU32, errnoName } from "@afxdp/core";
import type { Bench } from "../bench.js";
import { resizeObject } from "../generated/resize.js";
import { expect, expectEqual } from "../outcome.js";
import type { Program } from "../program/program.js";
import { exchange } from "../traffic/exchange.js";
import { BATCH, planRx, planTx } from "../traffic/packets.js";
import { Receiver } from "../traffic/receiver.js";
import { Sender } from "../traffic/sender.js";
import { until } from "../traffic/until.js";
import type { Case } from "./case.js";
import { openLink } from "./link.js";

const JUMBO = 9000;
const FIRST = encodeU32(0);
/** Of `struct resize_state` in bpf/resize.bpf.c: two words, then one for each packet. */
const SEEN = 4;
const RESULTS = 8;
const STATE_SIZE: number = RESULTS + 4 * BATCH;

function readState(program: Program): DataView {
  const value = program.end.kernel.lookupMap(program.map("state"), FIRST);
  if (value === undefined) throw new Error("The program's state is an array: its entry is there.");
  return new DataView(value.buffer, value.byteOffset, value.byteLength);
}

/** What bpf_xdp_adjust_tail said for each packet, once the program has seen all. */
function awaitResults(program: Program): number[] {
  const seen = (): number => readState(program).getUint32(SEEN, true);
  until(
    program.end.kernel,
    () => seen() >= BATCH,
    () => false,
    () => `the program saw ${seen()} of ${BATCH} packets`,
  );
  expectEqual("packets that the program saw", seen(), BATCH);
  const state = readState(program);
  return Array.from({ length: BATCH }, (_, i) => state.getInt32(RESULTS + 4 * i, true));
}

/**
 * Sends 64 packets of `length` bytes, each of which the program makes longer by `bytes`, or shorter when that is
 * negative. Those for which the helper succeeded arrive so, and no other. Returns what the helper said.
 */
function resize(bench: Bench, length: number, bytes: number): number[] {
  const { sender, receiver, program } = openLink(bench, { image: { object: resizeObject() } });
  const value = new Uint8Array(STATE_SIZE);
  new DataView(value.buffer).setInt32(0, bytes, true);
  program.end.kernel.updateMap(program.map("state"), FIRST, value, BPF_ANY);
  const { frameSize, frames } = sender.memory;
  const plan = planTx({ count: BATCH, length: () => length, frameSize, frames });
  const sending = new Sender(sender, bench.profile, plan);
  exchange({ senders: [sending], receivers: [] });
  const results = awaitResults(program);
  const expected = planRx({
    count: BATCH,
    length: () => length + bytes,
    patterned: () => Math.min(length, length + bytes),
    arrives: (index) => results[index] === 0,
  });
  exchange({ senders: [sending], receivers: [new Receiver(receiver, expected)] });
  return results;
}

/** All packets are resized, or none because the kernel does not offer it here. */
function runResize(bench: Bench, length: number, bytes: number): void {
  const results = resize(bench, length, bytes);
  if (results.every((result) => result === -ERRNO.EOPNOTSUPP)) {
    bench.skip(`bpf_xdp_adjust_tail cannot resize such packets here (EOPNOTSUPP)`);
  }
  const other = results.find((result) => result !== 0);
  expect(other === undefined, `bpf_xdp_adjust_tail gave ${errnoName(other ?? 0)}`);
}

/**
 * The kernel's program grows packets of 128 bytes. With the 256 before them they fill whole cache lines, so that a
 * buffer made to measure (veth's, and that of generic XDP) has no byte left behind them unless it happens to be a
 * page's last: the helper then says EINVAL. What it refuses must not arrive, what it does must. Packets that leave
 * room in their last cache line must all grow.
 */
function runGrow(bench: Bench): void {
  bench.nested((own) => {
    for (const result of resize(own, 128, 4)) {
      expect(
        result === 0 || result === -ERRNO.EINVAL,
        `bpf_xdp_adjust_tail gave ${errnoName(result)} for a packet of 128 bytes`,
      );
    }
  });
  runResize(bench, 120, 4);
}

/** A program makes packets longer or shorter at their end. */
export const RESIZE: readonly Case[] = [
  {
    number: 31,
    name: "XDP_ADJUST_TAIL_SHRINK",
    about: "Packets of 128 bytes arrive with 124.",
    run: (bench) => runResize(bench, 128, -4),
  },
  {
    number: 32,
    name: "XDP_ADJUST_TAIL_SHRINK_MULTI_BUFF",
    about: "Packets of 6144 bytes arrive with 2048.",
    run(bench) {
      bench.setMtu(JUMBO);
      runResize(bench, 6144, -4096);
    },
  },
  {
    number: 33,
    name: "XDP_ADJUST_TAIL_GROW",
    about:
      "Packets that have room behind them arrive with 4 bytes more, and the others not at all.",
    run: runGrow,
  },
  {
    number: 34,
    name: "XDP_ADJUST_TAIL_GROW_MULTI_BUFF",
    about: "Packets of 6144 bytes arrive with 8191.",
    run(bench) {
      bench.setMtu(JUMBO);
      runResize(bench, 6144, 2047);
    },
  },
];
