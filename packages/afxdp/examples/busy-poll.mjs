// Receives as fast as the driver allows: without copies where it can, polling the card instead of waiting for its
// interrupts. The interface's NAPI settings are changed for that, and put back at the end.
// Usage: node busy-poll.mjs INTERFACE PORT [PACKETS]
import { afxdp, createLinuxKernel, redirect, restoreStaleSettings } from "afxdp";

const [name = "eth0", port = "9000", most = "1000"] = process.argv.slice(2);
const kernel = createLinuxKernel();
const settings = () =>
  ["napi_defer_hard_irqs", "gro_flush_timeout"]
    .map((setting) => `${setting} ${kernel.interfaceSetting(name, setting)}`)
    .join(", ");

// Puts back what a process that was killed has left, of any interface.
for (const stale of restoreStaleSettings(kernel)) console.log("restored", stale);
console.log(`before: ${settings()}`);

const socket = await afxdp(name)
  .umem({ frameCount: 4096 })
  .fill(2048)
  .completion(2048)
  .rx(2048)
  .program(redirect.udp({ port: Number(port) }))
  .open({
    zeroCopy: "prefer", // "require" throws ERR_XDP_ZERO_COPY where it cannot be had
    busyPoll: {
      microseconds: 20,
      budget: 64,
      napi: { deferHardIrqs: 2, groFlushTimeoutNs: 200_000 },
    },
  });
const { xdp, zeroCopy, copyReason } = socket.mode;
console.log(`program: ${xdp}, ${zeroCopy ? "zero copy" : `copy mode (${copyReason})`}`);
console.log(`during: ${settings()}`);
process.once("SIGINT", () => socket.close());
process.once("SIGTERM", () => socket.close());

let packets = 0;
await socket.run((batch) => {
  packets += batch.count;
  return packets < Number(most);
});

await socket.close();
console.log(`${packets} packets`);
console.log(`after: ${settings()}`);
