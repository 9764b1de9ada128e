// Sends bursts of 512 packets. In copy mode the kernel takes 32 of them per system call, or as many as the budget says:
// `strace -f -c -e trace=sendto node tx-budget.mjs eth0 512` counts the calls, and so with 32.
// Usage: node tx-budget.mjs INTERFACE [BUDGET] [BURSTS]
import { networkInterfaces } from "node:os";
import { afxdp, XdpFeatureError } from "afxdp";

const [name = "eth0", budget = "512", bursts = "4"] = process.argv.slice(2);
const BURST = 512;

function open(options) {
  return afxdp(name).umem({ frameCount: 1024 }).fill(2).completion(1024).tx(BURST, options).open();
}

let socket;
try {
  socket = await open({ budget: Number(budget) });
  console.log(`${budget} packets per call`);
} catch (error) {
  if (!(error instanceof XdpFeatureError)) throw error;
  console.log(`${error.message} Going on with 32 per call.`);
  socket = await open();
}

// An Ethernet packet for nobody: a broadcast of the EtherType that is for local experiments.
const from = networkInterfaces()[name]?.[0]?.mac ?? "02:00:00:00:00:01";
const packet = Buffer.alloc(64);
packet.write(`ffffffffffff${from.replaceAll(":", "")}88b5`, "hex");

for (let n = 0; n < Number(bursts); n++) {
  for (let i = 0; i < BURST; i++) {
    const frame = socket.allocate();
    socket.bytes.set(packet, frame);
    socket.bytes[frame + 14] = n;
    socket.transmit(frame, packet.length);
  }
  const start = performance.now();
  const left = socket.flush();
  const microseconds = Math.round((performance.now() - start) * 1000);
  console.log(`${BURST - left} packets handed over in ${microseconds} µs`);
  await socket.drained({ timeoutMs: 1000 }); // the frames are free again
}
const { txPackets } = socket.stats();
await socket.close();
console.log(`${txPackets} packets sent`);
