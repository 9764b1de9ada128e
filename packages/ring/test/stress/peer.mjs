// One end of a ring in a Worker: sends or takes `count` entries in random batches, and posts what it saw.
import { parentPort, workerData } from "node:worker_threads";
import {
  AddressConsumer,
  AddressProducer,
  DescriptorConsumer,
  DescriptorProducer,
} from "@afxdp/ring";

const { role, kind, memory, layout, count, seed, deadlineMs } = workerData;

let state = seed;
function random() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state >>> 8;
}

// The k-th entry, so that order, loss, repetition and torn entries all show.
const addressOf = (k) =>
  ((Math.imul(k, 0x9e3779b1) >>> 0) % 2 ** 21) * 2 ** 32 + (Math.imul(k, 0x85ebca6b) >>> 0);
const lengthOf = (k) => Math.imul(k, 0xc2b2ae35) >>> 0;
const optionsOf = (k) => ~k >>> 0;

const started = Date.now();
const pillow = new Int32Array(new SharedArrayBuffer(4));
let idle = 0;
function rest() {
  // Spins for a while, then sleeps, so that the other end runs where there is one CPU.
  if (++idle < 100) return;
  idle = 0;
  if (Date.now() - started > deadlineMs) throw new Error(`the ${role} starved`);
  Atomics.wait(pillow, 0, 0, 0.05);
}

let checksum = 0;
let mistakes = 0;
let end;

if (role === "producer") {
  end = new (kind === "address" ? AddressProducer : DescriptorProducer)(memory, layout);
  for (let sent = 0; sent < count; ) {
    const granted = end.reserve(Math.min(1 + (random() % (2 * end.size)), count - sent));
    if (granted === 0) {
      rest();
      continue;
    }
    for (let i = 0; i < granted; i++) {
      const k = sent + i;
      if (kind === "address") end.setAddress(i, addressOf(k));
      else end.set(i, addressOf(k), lengthOf(k), optionsOf(k));
    }
    // Now and then only a part; the rest is written once more in the next round.
    const submitted = random() % 4 === 0 ? 1 + (random() % granted) : granted;
    for (let i = 0; i < submitted; i++)
      checksum = (Math.imul(checksum, 31) + (addressOf(sent + i) | 0)) | 0;
    end.submit(submitted);
    sent += submitted;
  }
  while (!end.consumed()) rest();
} else {
  end = new (kind === "address" ? AddressConsumer : DescriptorConsumer)(memory, layout);
  for (let taken = 0; taken < count; ) {
    const shown = end.peek(1 + (random() % (2 * end.size)));
    if (shown === 0) {
      rest();
      continue;
    }
    const released = random() % 4 === 0 ? 1 + (random() % shown) : shown;
    for (let i = 0; i < released; i++) {
      const k = taken + i;
      const address = end.address(i);
      checksum = (Math.imul(checksum, 31) + (address | 0)) | 0;
      if (address !== addressOf(k)) mistakes++;
      if (
        kind === "descriptor" &&
        (end.length(i) !== lengthOf(k) || end.options(i) !== optionsOf(k))
      )
        mistakes++;
    }
    end.release(released);
    taken += released;
  }
}
parentPort.postMessage({ checksum, mistakes, audit: end.audit() });
