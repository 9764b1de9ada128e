// Answers UDP datagrams and tells once a second how many, and what was lost for which reason.
// Usage: node statistics.mjs INTERFACE PORT [SECONDS]
import { afxdp, difference, redirect } from "afxdp";

const [name = "eth0", port = "9000", seconds = "Infinity"] = process.argv.slice(2);

const socket = await afxdp(name)
  .umem({ frameCount: 2048, frameSize: 2048 })
  .fill(1024)
  .completion(1024)
  .rx(1024)
  .tx(1024)
  .program(redirect.udp({ port: Number(port) }))
  .open();

let before = socket.stats();
let left = Number(seconds);
const timer = setInterval(() => {
  const after = socket.stats(); // one system call
  const { rxPackets, rxBytes, txPackets, txRetries, drops, frames } = difference(before, after);
  before = after;
  console.log(`in ${rxPackets}/s (${rxBytes} bytes), out ${txPackets}/s, ${txRetries} retries`);
  const { rxRingFull, fillRingEmpty, other, invalid } = drops;
  const lost = [
    `${rxRingFull} because we were too slow`,
    `${fillRingEmpty} because no frame was free`,
    `${other} because they did not fit into a frame`,
    `${invalid} with an impossible descriptor`,
  ];
  console.log(`  lost: ${lost.join(", ")}`);
  console.log(`  frames: ${frames.fill} wait for packets, ${frames.transmit} are being sent`);
  if (--left <= 0) socket.close();
}, 1000);
process.once("SIGINT", () => socket.close());
process.once("SIGTERM", () => socket.close());
console.log("listening");

await socket.listen((batch) => {
  const { bytes } = batch;
  for (let i = 0; i < batch.count; i++) {
    const at = batch.address(i);
    // Back to where it came from: Ethernet and IPv4 addresses and ports change places, without a UDP checksum.
    bytes.set([...bytes.slice(at + 6, at + 12), ...bytes.slice(at, at + 6)], at);
    bytes.set([...bytes.slice(at + 30, at + 34), ...bytes.slice(at + 26, at + 30)], at + 26);
    bytes.set([...bytes.slice(at + 36, at + 38), ...bytes.slice(at + 34, at + 36)], at + 34);
    bytes.fill(0, at + 40, at + 42);
    batch.send(i);
  }
});
clearInterval(timer);
const { transmit } = await socket.close();
console.log(`closed, ${transmit} packets did not leave`);
