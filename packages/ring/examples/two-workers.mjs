// Two threads on one ring: the main thread sends descriptors of made-up packets, a Worker adds their lengths up.
// Build the package first, then: node examples/two-workers.mjs
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { DescriptorConsumer, DescriptorProducer, layoutRing } from "@afxdp/ring";

const PACKETS = 1_000_000;
const BATCH = 64;

// Sleeps when there is nothing to do. Spinning is faster, where each thread has a CPU of its own.
const pillow = new Int32Array(new SharedArrayBuffer(4));
const rest = () => Atomics.wait(pillow, 0, 0, 0.1);

function send(producer) {
  let bytes = 0;
  for (let sent = 0; sent < PACKETS; ) {
    const n = producer.reserve(Math.min(BATCH, PACKETS - sent));
    if (n === 0) {
      rest(); // The ring is full.
      continue;
    }
    for (let i = 0; i < n; i++) {
      const length = 60 + ((sent + i) % 1400);
      producer.set(i, ((sent + i) % 4096) * 2048, length, 0);
      bytes += length;
    }
    producer.submit(n);
    sent += n;
  }
  return bytes;
}

function receive(consumer) {
  let bytes = 0;
  for (let received = 0; received < PACKETS; ) {
    const n = consumer.peek(BATCH);
    if (n === 0) {
      rest(); // The ring is empty.
      continue;
    }
    for (let i = 0; i < n; i++) bytes += consumer.length(i);
    consumer.release(n);
    received += n;
  }
  return bytes;
}

if (isMainThread) {
  const layout = layoutRing({ entries: 1024, entrySize: 16 });
  const memory = new SharedArrayBuffer(layout.byteLength);
  const worker = new Worker(new URL(import.meta.url), { workerData: { memory, layout } });
  const result = new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  const sent = send(new DescriptorProducer(memory, layout));
  const received = await result;
  console.log(`sent     ${PACKETS} packets, ${sent} bytes`);
  console.log(`received ${PACKETS} packets, ${received} bytes`);
  if (received !== sent) process.exitCode = 1;
} else {
  parentPort.postMessage(receive(new DescriptorConsumer(workerData.memory, workerData.layout)));
}
