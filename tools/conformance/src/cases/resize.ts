import { BPF_ANY, ERRNO, encodeU32, errnoName } from "@afxdp/core";
import type { Bench } from "../bench.js";
import { resizeObject } from "../generated/resize.js";
import { expectEqual } from "../outcome.js";
import type { Program } from "../program/program.js";
import { exchange } from "../traffic/exchange.js";
import { BATCH, planRx, planTx } from "../traffic/packets.js";
import { Receiver } from "../traffic/receiver.js";
import { Sender } from "../traffic/sender.js";
import type { Case } from "./case.js";
import { openLink } from "./link.js";

const JUMBO = 9000;
const STATE_SIZE = 24;
const FIRST = encodeU32(0);

/** `struct resize_state` of bpf/resize.bpf.c. */
interface ResizeState {
  readonly lastError: number;
  readonly resized: number;
  readonly refused: number;
  readonly wrongLength: number;
}

function readState(program: Program): ResizeState {
  const value = program.end.kernel.lookupMap(program.map("state"), FIRST);
  if (value === undefined) throw new Error("The program's state is an array: its entry is there.");
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  return {
    lastError: view.getInt32(4, true),
    resized: view.getUint32(8, true),
    refused: view.getUint32(12, true),
    wrongLength: view.getUint32(16, true),
  };
}

/** 64 packets of `length` bytes, each made longer by `bytes`, or shorter when that is negative. */
function runResize(bench: Bench, length: number, bytes: number): void {
  const { sender, receiver, program } = openLink(bench, { image: { object: resizeObject() } });
  const value = new Uint8Array(STATE_SIZE);
  new DataView(value.buffer).setInt32(0, bytes, true);
  program.end.kernel.updateMap(program.map("state"), FIRST, value, BPF_ANY);
  const { frameSize, frames } = sender.memory;
  const plan = { count: BATCH, length: () => length };
  const expected = planRx({
    count: BATCH,
    length: () => length + bytes,
    patterned: () => Math.min(length, length + bytes),
  });
  try {
    exchange({
      senders: [new Sender(sender, bench.profile, planTx({ ...plan, frameSize, frames }))],
      receivers: [new Receiver(receiver, expected)],
    });
  } catch (error) {
    console.error(readState(program));
    throw error;
  }
  console.error(readState(program));
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
    about: "Packets of 128 bytes arrive with 132.",
    run: (bench) => runResize(bench, 128, 4),
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
