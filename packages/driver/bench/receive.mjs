// What a packet costs in the socket's own loops, without a kernel: receive a batch of 64, look at each length, give the
// frames back (receive), or send each out of its frame and take it back when it is completed (echo). The kernel's part
// is played by copying addresses from ring to ring. Prints nanoseconds per packet, the least of several rounds.
// Run: node bench/receive.mjs [segments]
import { beginSetup, XdpSocket } from "@afxdp/driver";
import { playKernel } from "../test/support/played-kernel.mjs";

const ENTRIES = 2048;
const BATCH = 64;
const BATCHES = 20_000;
const ROUNDS = 9;
const segmented = process.argv[2] === "segments";

const played = playKernel();
const setup = beginSetup(played.kernel, "played0", 0).socket().umem({ frameCount: 4096 });
const mapped = setup.fill(ENTRIES).completion(ENTRIES).rx(ENTRIES).tx(ENTRIES).map().prefill();
const bound = await mapped.bind(segmented ? { multiBuffer: true } : {});
const ready = bound.mode();
const socket = new XdpSocket(ready);
const { fill, completion, rx, tx } = played.sockets.get(ready.fd);
const { words } = rx;

/** Copies what one ring holds into another, `count` entries at most, as the kernel's loop would. */
function carry(from, fromStride, to, toStride, count, headroom) {
  const start = words[from.layout.consumer / 4];
  const end = Atomics.load(words, from.layout.producer / 4);
  const n = Math.min(count, (end - start) | 0);
  const target = words[to.layout.producer / 4];
  const mask = ENTRIES - 1;
  for (let i = 0; i < n; i++) {
    const source = from.layout.desc / 4 + ((start + i) & mask) * fromStride;
    const place = to.layout.desc / 4 + ((target + i) & mask) * toStride;
    words[place] = words[source] + headroom;
    if (toStride === 4) words[place + 2] = 60;
  }
  Atomics.store(words, from.layout.consumer / 4, (start + n) | 0);
  Atomics.store(words, to.layout.producer / 4, (target + n) | 0);
}

played.onKick = () => carry(tx, 4, completion, 2, ENTRIES, 0);
let bytes = 0;
const look = (batch) => {
  for (let i = 0; i < batch.count; i++) bytes += batch.length(i);
};
const echo = (batch) => {
  for (let i = 0; i < batch.count; i++) batch.send(i);
};

function round(handler) {
  const start = process.hrtime.bigint();
  let packets = 0;
  for (let i = 0; i < BATCHES; i++) {
    carry(fill, 2, rx, 4, BATCH, 256);
    packets += socket.receive(handler, BATCH);
  }
  return Number(process.hrtime.bigint() - start) / packets;
}

for (const [name, handler] of Object.entries({ receive: look, echo })) {
  const times = Array.from({ length: ROUNDS }, () => round(handler));
  console.log(`${name}: ${Math.min(...times).toFixed(2)} ns per packet`);
}
if (bytes !== ROUNDS * BATCHES * BATCH * 60) throw new Error(`bytes went astray: ${bytes}`);
await socket.close();
