// Tells what an interface can do, then receives on it for as long as this process runs: over a link that goes down, and
// over a device that is removed and comes back.
// Usage: node keep-open.mjs INTERFACE PORT
import { afxdp, createLinuxKernel, describeInterface, keepOpen, redirect } from "afxdp";

const [name = "eth0", port = "9000"] = process.argv.slice(2);
const kernel = createLinuxKernel();

const { mtu, rxQueues, features, channels, notes } = describeInterface(kernel, name);
console.log(`${name}: MTU ${mtu}, ${rxQueues} rx queues, at most ${channels?.maxRx ?? "?"}`);
console.log(`zero copy: ${features?.xdp.zeroCopy}, hints: ${JSON.stringify(features?.rxHints)}`);
for (const note of notes) console.log(`not known: ${note}`);

let packets = 0;
const stop = new AbortController();
process.once("SIGINT", () => stop.abort());
process.once("SIGTERM", () => stop.abort());

/** Opens a socket: called at the start, and again whenever the device is back. */
function open(signal) {
  return afxdp(name, { kernel })
    .umem({ frameCount: 1024 })
    .fill(512)
    .completion(512)
    .rx(512)
    .program(redirect.udp({ port: Number(port) }))
    .open({ signal });
}

const keeper = await keepOpen(kernel, open, {
  signal: stop.signal,
  // The loop of a device that is gone ends with ERR_XDP_DEVICE_GONE: the keeper expects that.
  onOpen(socket) {
    console.log(`open on interface ${socket.target.interfaceIndex}`);
    return socket.listen((batch) => {
      packets += batch.count;
      console.log(`${packets} packets so far`);
    });
  },
  onLinkDown: () => console.log("link down"),
  onLinkUp: () => console.log("link up"),
  onDeviceGone: () => console.log("device gone, waiting for another of that name"),
  onError: (error) => console.error("error:", error),
});
await keeper.ended;
console.log(`${packets} packets, closed`);
