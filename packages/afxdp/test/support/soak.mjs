// Takes COUNT packets through the busy loop and prints what that took as JSON. To be run with --trace-gc: the lines
// between "begin" and "end" are collections during the loop. Usage: soak.mjs DEVICE COUNT
import { afxdp, createLinuxKernel, redirect } from "afxdp";

const [device, count] = process.argv.slice(2);
const COUNT = Number(count);

/** The Linux Kernel, with its calls counted; made so that counting allocates nothing. */
function counting(kernel, tally) {
  const counted = { name: kernel.name, pageSize: kernel.pageSize };
  let calls = Object.getPrototypeOf(kernel);
  for (; calls !== Object.prototype; calls = Object.getPrototypeOf(calls)) {
    for (const name of Object.getOwnPropertyNames(calls)) {
      if (name !== "constructor" && typeof kernel[name] === "function") {
        counted[name] ??= kernel[name].bind(kernel);
      }
    }
  }
  counted.kickRx = (fd) => {
    tally.count++;
    return kernel.kickRx(fd);
  };
  counted.kickTx = (fd, times) => {
    tally.count++;
    return kernel.kickTx(fd, times);
  };
  counted.wait = (fd, events, timeoutMs, waker) => {
    tally.waits++;
    return kernel.wait(fd, events, timeoutMs, waker);
  };
  return counted;
}

const calls = { count: 0, waits: 0 };
const socket = await afxdp(device, { kernel: counting(createLinuxKernel(), calls) })
  .umem({ frameCount: 4096 })
  .fill(2048)
  .completion(2048)
  .rx(2048)
  .tx(2048)
  .program(redirect.all())
  .open();

let packets = 0;
let batches = 0;
let bytes = 0;
let mostCalls = 0;
let seenCalls = 0;
let seenWaits = 0;
const take = (batch) => {
  // Calls since the last batch are that batch's, unless there was a pause between them.
  if (calls.waits === seenWaits) mostCalls = Math.max(mostCalls, calls.count - seenCalls);
  seenCalls = calls.count;
  seenWaits = calls.waits;
  for (let i = 0; i < batch.count; i++) {
    bytes += batch.length(i);
    // One in sixteen goes back, so that sending is part of the loop.
    if ((i & 15) === 0) batch.send(i);
  }
  packets += batch.count;
  batches++;
  return packets < limit;
};
let limit = COUNT / 10;
await socket.run(take); // the compiler's garbage is not the loop's
limit = packets + COUNT;
batches = 0;
mostCalls = 0;
const start = packets;
// What the start left behind would fill the young generation at some moment of the loop. A turn of the event loop makes
// about 100 bytes of garbage, in the native callback, so a minute makes a megabyte; a packet or a batch makes none.
globalThis.gc();
const heapBefore = process.memoryUsage().heapUsed;
process.stdout.write("begin\n");
await socket.run(take);
process.stdout.write("end\n");
const heapGrown = process.memoryUsage().heapUsed - heapBefore;
const taken = packets - start;
const { rxInvalid, invalidCompletions } = socket.stats();
const frames = await socket.close();
const whole = bytes === packets * 64;
console.log(
  JSON.stringify({
    taken,
    batches,
    mostCalls,
    heapGrown,
    whole,
    rxInvalid,
    invalidCompletions,
    frames,
  }),
);
