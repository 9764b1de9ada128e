// Answers UDP datagrams of up to 2000 bytes or so. Frames are otherwise a power of two: these packets would need 4096
// bytes each. Unaligned frames can have any size, here 2901 bytes, and so lie across the boundaries of pages.
// Usage: node odd-frames.mjs INTERFACE PORT [PACKETS]
import { afxdp, redirect } from "afxdp";

const [name = "eth0", port = "9000", most = "Infinity"] = process.argv.slice(2);
const FRAMES = 1024;
const FRAME_SIZE = 2901;
const PAGE = 4096;

const socket = await afxdp(name)
  .umem({ frameCount: FRAMES, frameSize: FRAME_SIZE, unaligned: true })
  .fill(512)
  .completion(512)
  .rx(512)
  .tx(512)
  .program(redirect.udp({ port: Number(port) }))
  .open();
console.log(`${FRAMES} frames in ${FRAMES * FRAME_SIZE} bytes instead of ${FRAMES * PAGE}`);
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
let across = 0;
await socket.listen((batch) => {
  for (let i = 0; i < batch.count; i++) {
    const at = batch.address(i); // a plain number, whatever the size of frames
    const last = at + batch.length(i) - 1;
    if (Math.floor(at / PAGE) !== Math.floor(last / PAGE)) across++;
    swap(at, at + 6, 6); // Ethernet addresses
    swap(at + 26, at + 30, 4); // IPv4 addresses
    swap(at + 34, at + 36, 2); // UDP ports
    batch.bytes.fill(0, at + 40, at + 42); // no UDP checksum: the sender's may be unfinished
    if (batch.send(i)) answered++;
  }
  return answered < Number(most);
});

await socket.close(); // after what is still to be sent
console.log(`${answered} answered, ${across} of them in frames across two pages`);
