import { ERRNO, type Kernel, XdpSystemError } from "@afxdp/core";
import { type End, inside } from "../pair.js";
import { PacketMemory } from "../socket/packet-memory.js";

/** Finds the greatest headroom that the kernel accepts for a chunk size, by registering UMEMs on scratch sockets. */
export function findMaxHeadroom(end: End, chunkSize: number): number {
  let accepted = -1;
  let refused = chunkSize;
  while (refused - accepted > 1) {
    const tried = (accepted + refused) >> 1;
    if (accepts(end, chunkSize, tried)) accepted = tried;
    else refused = tried;
  }
  return accepted;
}

function accepts(end: End, frameSize: number, headroom: number): boolean {
  const { kernel } = end;
  const memory = new PacketMemory(kernel, { frames: 16, frameSize, headroom });
  const socket = inside(end, () => kernel.socket());
  try {
    memory.register(socket);
    return true;
  } catch (error) {
    if (error instanceof XdpSystemError && error.errno === ERRNO.EINVAL) return false;
    throw error;
  } finally {
    closeBoth(kernel, socket, memory);
  }
}

function closeBoth(kernel: Kernel, socket: number, memory: PacketMemory): void {
  kernel.close(socket);
  memory.close();
}
