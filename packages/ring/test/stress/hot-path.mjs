// Passes ten million packets through all four kinds of ends, a few times, each between marks on the standard output.
import { writeSync } from "node:fs";
import {
  AddressConsumer,
  AddressProducer,
  DescriptorConsumer,
  DescriptorProducer,
  layoutRing,
} from "@afxdp/ring";

const PACKETS = 10_000_000;
const BATCH = 64;
const ROUNDS = Number(process.argv[2]);
const litter = process.argv[3];

const rx = layoutRing({ entries: 256, entrySize: 16 });
const fill = layoutRing({ entries: 256, entrySize: 8, offset: rx.byteLength });
const words = new Int32Array(new SharedArrayBuffer(rx.byteLength + fill.byteLength));
// The indices pass the change of sign in the first round.
for (const { producer, consumer } of [rx, fill])
  words[producer / 4] = words[consumer / 4] = 2 ** 31 - 1000;
const ends = {
  kernelRx: new DescriptorProducer(words, rx),
  receive: new DescriptorConsumer(words, rx),
  refill: new AddressProducer(words, fill),
  kernelFill: new AddressConsumer(words, fill),
};
export let kept;

// The application and the kernel as functions of their own, called once a batch: V8 inlines only so much into one
// function, and a number above 2^31 that leaves one it did not inline is allocated.
function application({ receive, refill }) {
  let bytes = 0;
  const n = refill.reserve(receive.peek(BATCH));
  for (let i = 0; i < n; i++) {
    if (receive.addressHigh(i) !== 0 || receive.options(i) !== 0) throw new Error("not as sent");
    bytes = (bytes + receive.length(i)) | 0;
    refill.setAddress(i, receive.addressLow(i));
    if (litter === "per-packet") kept = { i };
  }
  if (litter === "per-batch") kept = { n };
  refill.submit(n);
  receive.release(n);
  if (refill.needsWakeup()) throw new Error("nobody asked for a wake-up");
  return bytes;
}

function kernel({ kernelRx, kernelFill }, first) {
  let sum = 0;
  const n = kernelFill.peek(BATCH);
  for (let i = 0; i < n; i++) sum = (sum + kernelFill.address(i)) | 0;
  kernelFill.release(n);
  if (kernelRx.reserve(BATCH) !== BATCH) throw new Error("the rx ring is full");
  for (let i = 0; i < BATCH; i++) {
    // Up to 4 GiB: addresses above 2^31 do not fit into a small integer.
    kernelRx.set(i, (((first + i) * 23) & 0x1f_ffff) * 2048, 60 + i, 0);
  }
  kernelRx.submit(BATCH);
  return sum;
}

// Several rounds, because the optimising compiler works beside us and is done when it is done.
for (let round = 0; round < ROUNDS; round++) {
  const before = process.memoryUsage().heapUsed;
  writeSync(1, "MARK\n");
  let bytes = 0;
  for (let done = 0; done < PACKETS; done += BATCH) {
    bytes = (bytes + kernel(ends, done) + application(ends)) | 0;
  }
  if (bytes === 0) throw new Error("nothing was passed");
  writeSync(1, `GROWN ${process.memoryUsage().heapUsed - before}\n`);
}
