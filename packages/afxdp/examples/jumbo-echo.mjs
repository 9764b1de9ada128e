// Answers UDP datagrams in jumbo packets. Such a packet does not fit into one frame: it comes in several segments, which
// can be read where they lie, and goes out again as it came.
// Usage: node jumbo-echo.mjs INTERFACE PORT [PACKETS]
import { afxdp, redirect } from "afxdp";

const [name = "eth0", port = "9000", most = "Infinity"] = process.argv.slice(2);

const socket = await afxdp(name)
  .umem({ frameCount: 4096, frameSize: 2048 })
  .fill(2048)
  .completion(2048)
  .rx(1024)
  .tx(1024)
  .program(redirect.udp({ port: Number(port) }))
  .open({ multiBuffer: true }); // XDP_USE_SG; ERR_XDP_FEATURE before Linux 6.6
console.log(`listening, several frames per packet: ${socket.mode.multiBuffer}`);
process.once("SIGINT", () => socket.close());
process.once("SIGTERM", () => socket.close());

/** Exchanges `length` bytes at one place of the memory with those at another. */
function swap(one, other, length) {
  const { bytes } = socket;
  for (let i = 0; i < length; i++) {
    const byte = bytes[one + i];
    bytes[one + i] = bytes[other + i];
    bytes[other + i] = byte;
  }
}

let answered = 0;
await socket.listen((batch) => {
  for (let i = 0; i < batch.count; i++) {
    // Views of the segments: no byte is copied. `batch.copy` puts all of a packet into one buffer instead.
    const sizes = batch.views(i).map((view) => view.length);
    if (answered === 0) console.log(`${batch.length(i)} bytes came as ${sizes.join(" + ")}`);
    const at = batch.address(i); // the headers are in the first segment
    swap(at, at + 6, 6); // Ethernet addresses
    swap(at + 26, at + 30, 4); // IPv4 addresses
    swap(at + 34, at + 36, 2); // UDP ports
    batch.bytes.fill(0, at + 40, at + 42); // no UDP checksum: the sender's may be unfinished
    if (batch.send(i)) answered++; // all of the segments, as one packet
  }
  return answered < Number(most);
});

const { transmit } = await socket.close(); // after what is still to be sent
console.log(`${answered} answered, ${transmit} frames did not leave`);
