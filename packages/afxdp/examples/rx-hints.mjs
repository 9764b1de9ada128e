// Tells what the driver knows of each UDP datagram: when it came, the hash of its flow, and the VLAN tag that the card
// took off. An XDP program writes it in front of the packet, where RxHints reads it.
// Usage: node rx-hints.mjs INTERFACE PORT [PACKETS]
import { afxdp, createLinuxKernel, describeInterface, RxHints, redirect } from "afxdp";

const [name = "eth0", port = "9000", most = "10"] = process.argv.slice(2);

// The driver says which hints it has. Nothing before Linux 6.3.
const { features } = describeInterface(createLinuxKernel(), name);
console.log(`hints of ${name}: ${JSON.stringify(features?.rxHints ?? "unknown")}`);

const socket = await afxdp(name)
  .umem({ frameCount: 1024 })
  .fill(512)
  .completion(512)
  .rx(512)
  .program(redirect.udp({ port: Number(port) }), { hints: true }) // or ERR_XDP_FEATURE
  .open({ mode: "drv" }); // the generic path knows no hints
process.once("SIGINT", () => socket.close());
process.once("SIGTERM", () => socket.close());
console.log("listening");

const hints = new RxHints(socket.bytes); // one reader for all packets
let seen = 0;
await socket.listen((batch) => {
  for (let i = 0; i < batch.count; i++) {
    hints.at(batch.address(i));
    const time = hints.hasTimestamp ? `${hints.timestamp} ns` : "unknown";
    const hash = hints.hasHash ? `0x${hints.hash.toString(16)}` : "unknown";
    const vlan = hints.hasVlan ? hints.vlanId : "none";
    console.log(`${batch.length(i)} bytes, time ${time}, hash ${hash}, VLAN ${vlan}`);
    seen++;
  }
  return seen < Number(most);
});
await socket.close();
