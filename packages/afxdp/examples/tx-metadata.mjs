// Sends UDP datagrams whose checksum the card computes (in copy mode: the kernel), and tells when each of them left.
// Usage: node tx-metadata.mjs INTERFACE FROM-IP TO-IP TO-MAC [PACKETS]
import { networkInterfaces } from "node:os";
import { afxdp } from "afxdp";

const [name, fromIp, toIp, toMac, packets = "3"] = process.argv.slice(2);
const fromMac = networkInterfaces()[name]?.[0]?.mac ?? "02:00:00:00:00:01";
const ip = (text) => Buffer.from(text.split(".").map(Number));
const mac = (text) => Buffer.from(text.replaceAll(":", ""), "hex");
const PORT = 9000;
const UDP = 34; // where the UDP header begins: behind 14 bytes of Ethernet and 20 of IPv4

/** The sum that checksums are made of: 16 bits at a time, with the carry added again. */
function sum(bytes, start = 0) {
  let total = start;
  for (let i = 0; i < bytes.length; i += 2) total += (bytes[i] << 8) | (bytes[i + 1] ?? 0);
  while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
  return total;
}

function datagram(text) {
  const payload = Buffer.from(text);
  const packet = Buffer.alloc(UDP + 8 + payload.length);
  packet.set([...mac(toMac), ...mac(fromMac), 8, 0, 0x45]);
  packet.writeUInt16BE(packet.length - 14, 16);
  packet.set([64, 17], 22); // time to live, UDP
  packet.set([...ip(fromIp), ...ip(toIp)], 26);
  packet.writeUInt16BE(~sum(packet.subarray(14, UDP)) & 0xffff, 24); // IPv4's own checksum
  for (const at of [UDP, UDP + 2]) packet.writeUInt16BE(PORT, at);
  packet.writeUInt16BE(8 + payload.length, UDP + 4);
  // The pseudo header's sum; what lies behind is left to the card.
  packet.writeUInt16BE(sum(packet.subarray(26, UDP), 17 + 8 + payload.length), UDP + 6);
  packet.set(payload, UDP + 8);
  return packet;
}

// `txMetadata` keeps room in front of each packet for what is asked of the card. A sender has no rx ring.
const socket = await afxdp(name)
  .umem({ frameCount: 64, txMetadata: { softwareChecksum: true } })
  .fill(2)
  .completion(64)
  .tx(64)
  .open();

const frame = socket.allocate();
socket.hold(frame); // it comes back to us each time it was sent, with the time in it
for (let i = 0; i < Number(packets); i++) {
  const packet = datagram(`packet ${i}`);
  socket.bytes.set(packet, frame);
  const checksum = { start: UDP, offset: 6 };
  socket.transmitWith(frame, packet.length, { checksum, timestamp: true });
  socket.flush();
  if (!(await socket.drained({ timeoutMs: 1000 }))) throw new Error("The packet did not leave.");
  console.log(`packet ${i} left at ${socket.txTimestamp(frame)} ns`);
}
await socket.close();
