// What the classes cost against the same loop written out by hand: receive a batch, read each descriptor, hand its
// frame back through the fill ring. The kernel is played by two stores a batch. Run: node bench/hot-path.mjs
import {
  AddressConsumer,
  AddressProducer,
  DescriptorConsumer,
  DescriptorProducer,
  layoutRing,
} from "@afxdp/ring";

const ENTRIES = 2048;
const BATCH = 64;
const PACKETS = ENTRIES * 10_000;
const REPEATS = 7;

function makeWorld() {
  const rx = layoutRing({ entries: ENTRIES, entrySize: 16 });
  const fill = layoutRing({ entries: ENTRIES, entrySize: 8, offset: rx.byteLength });
  const words = new Int32Array(new SharedArrayBuffer(rx.byteLength + fill.byteLength));
  // Written once by the peers' classes, so that all four classes are in play as they are in a socket.
  const kernelRx = new DescriptorProducer(words, rx);
  kernelRx.reserve(ENTRIES);
  for (let i = 0; i < ENTRIES; i++) kernelRx.set(i, i * 2048, 60 + (i & 1023), 0);
  kernelRx.submit(ENTRIES);
  const kernelFill = new AddressConsumer(words, fill);
  const drain = new DescriptorConsumer(words, rx);
  const filler = new AddressProducer(words, fill);
  for (let left = ENTRIES; left > 0; left -= BATCH) {
    const n = drain.peek(BATCH);
    filler.reserve(n);
    for (let i = 0; i < n; i++) filler.setAddress(i, drain.address(i) + drain.length(i));
    filler.submit(n);
    drain.release(n);
    kernelFill.peek(n);
    for (let i = 0; i < n; i++) kernelFill.address(i);
    kernelFill.release(n);
  }
  return { words, rx, fill };
}

function withClasses({ words, rx, fill }, packets) {
  const receive = new DescriptorConsumer(words, rx);
  const refill = new AddressProducer(words, fill);
  const rxProducer = rx.producer >> 2;
  const fillConsumer = fill.consumer >> 2;
  let kernelRx = Atomics.load(words, rxProducer);
  let kernelFill = Atomics.load(words, fillConsumer);
  let bytes = 0;
  for (let done = 0; done < packets; ) {
    kernelRx = (kernelRx + BATCH) | 0;
    Atomics.store(words, rxProducer, kernelRx);
    const n = refill.reserve(receive.peek(BATCH));
    for (let i = 0; i < n; i++) {
      bytes = (bytes + receive.length(i)) | 0;
      refill.setAddress(i, receive.addressLow(i));
    }
    refill.submit(n);
    receive.release(n);
    kernelFill = (kernelFill + n) | 0;
    Atomics.store(words, fillConsumer, kernelFill);
    done += n;
  }
  return bytes;
}

function byHand({ words, rx, fill }, packets) {
  const rxProducer = rx.producer >> 2;
  const rxConsumer = rx.consumer >> 2;
  const rxDesc = rx.desc >> 2;
  const fillProducer = fill.producer >> 2;
  const fillConsumer = fill.consumer >> 2;
  const fillDesc = fill.desc >> 2;
  const mask = ENTRIES - 1;
  let kernelRx = Atomics.load(words, rxProducer);
  let kernelFill = Atomics.load(words, fillConsumer);
  let receive = Atomics.load(words, rxConsumer);
  let refill = Atomics.load(words, fillProducer);
  let received = receive;
  let refillPeer = kernelFill;
  let bytes = 0;
  for (let done = 0; done < packets; ) {
    kernelRx = (kernelRx + BATCH) | 0;
    Atomics.store(words, rxProducer, kernelRx);
    if (((received - receive) | 0) < BATCH) received = Atomics.load(words, rxProducer);
    let n = Math.min(BATCH, (received - receive) | 0);
    if (((ENTRIES - refill + refillPeer) | 0) < n) refillPeer = Atomics.load(words, fillConsumer);
    n = Math.min(n, (ENTRIES - refill + refillPeer) | 0);
    for (let i = 0; i < n; i++) {
      const from = rxDesc + (((receive + i) & mask) << 2);
      const to = fillDesc + (((refill + i) & mask) << 1);
      bytes = (bytes + words[from + 2]) | 0;
      words[to] = words[from];
      words[to + 1] = 0;
    }
    refill = (refill + n) | 0;
    Atomics.store(words, fillProducer, refill);
    receive = (receive + n) | 0;
    Atomics.store(words, rxConsumer, receive);
    kernelFill = (kernelFill + n) | 0;
    Atomics.store(words, fillConsumer, kernelFill);
    done += n;
  }
  return bytes;
}

const world = makeWorld();
const loops = { "by hand": byHand, classes: withClasses };
const best = {};
let check;
for (let repeat = 0; repeat < REPEATS; repeat++) {
  for (const [name, loop] of Object.entries(loops)) {
    const start = process.hrtime.bigint();
    const bytes = loop(world, PACKETS);
    const ns = Number(process.hrtime.bigint() - start) / PACKETS;
    if (check === undefined) check = bytes;
    if (bytes !== check) throw new Error(`${name} read ${bytes}, not ${check}`);
    best[name] = Math.min(best[name] ?? Number.POSITIVE_INFINITY, ns);
  }
}
for (const [name, ns] of Object.entries(best)) {
  console.log(`${name.padEnd(8)} ${ns.toFixed(2)} ns/packet (batch ${BATCH}, best of ${REPEATS})`);
}
