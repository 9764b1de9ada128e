import { frameSizeError } from "./io-errors.js";
import type { SocketIo } from "./socket-io.js";

/** Copies a packet into as many free frames as it needs and sends it: see `FrameSocket.send`. */
export function sendBytes(io: SocketIo, packet: Uint8Array): boolean {
  const { umem, tx } = io;
  const { geometry } = umem;
  const room = geometry.sendRoom;
  const most = room * Math.min(io.maxSegments, tx?.size ?? 1);
  const count = Math.max(1, Math.ceil(packet.length / room));
  const addresses: number[] = [];
  const lengths: number[] = [];
  let staged = false;
  try {
    for (let s = 0; s < count && packet.length <= most; s++) {
      const address = io.allocate();
      if (address === -1) return false;
      addresses.push(address);
      const part = packet.subarray(s * room, (s + 1) * room);
      umem.bytes.set(part, address);
      lengths.push(part.length);
    }
    if (count === 1) staged = io.transmit(addresses[0] as number, packet.length);
    else if (packet.length <= most) staged = io.transmitChain(addresses, lengths, count);
    else throw frameSizeError(geometry.packetAddressOf(0), packet.length, most, 14);
  } finally {
    if (!staged) for (const address of addresses) umem.free(address);
  }
  io.flush();
  return staged;
}
