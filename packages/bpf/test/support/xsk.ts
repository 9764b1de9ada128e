import { type Kernel, RING_ABI, XDP_SHARED_UMEM } from "@afxdp/core";
import {
  closeByHand,
  consume,
  ENTRIES,
  FRAME_SIZE,
  FRAMES,
  type MappedRing,
  openByHand,
  produce,
  type SocketByHand,
  whileBusy,
} from "../../../../native/test/by-hand.mjs";

export { FRAME_SIZE, FRAMES };

/** A packet as it lies in the UMEM. */
export interface Received {
  /** Of its first byte. */
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** A bound socket that receives, set up call by call. */
export interface Xsk {
  readonly fd: number;
  /** The UMEM and what lies behind it: addresses count from its start. */
  readonly arena: Uint8Array<SharedArrayBuffer>;
  /** Takes the packets that have come, and leaves their frames alone. */
  take(): Received[];
  close(): void;
}

/** Opens a socket on a queue, with its frames in the fill ring. */
export function openXsk(kernel: Kernel, interfaceIndex: number, queueId = 0): Xsk {
  const socket = whileBusy(() => openByHand(kernel, interfaceIndex, queueId));
  for (let frame = 0; frame < ENTRIES; frame++) {
    produce(socket.arena, socket.rings.fill, frame * FRAME_SIZE);
  }
  return xskOf(socket, socket.rings.rx, () => closeByHand(kernel, socket));
}

/** Opens a second socket on the queue of the first, which shares its UMEM and its fill ring. Close it first. */
export function shareXsk(kernel: Kernel, interfaceIndex: number, first: Xsk, queueId = 0): Xsk {
  const { arena } = first;
  const fd = kernel.socket();
  kernel.setRingSize(fd, "rx", ENTRIES);
  const words = kernel.mmapOffsets(fd).rx;
  const length =
    Math.ceil((words.desc + ENTRIES * RING_ABI.rx.entrySize) / kernel.pageSize) * kernel.pageSize;
  // Behind the frames and the first one's four rings.
  const offset = FRAME_SIZE * FRAMES + 16 * kernel.pageSize;
  kernel.mapRing(fd, "rx", arena, offset, length);
  const address = { flags: XDP_SHARED_UMEM, interfaceIndex, queueId, sharedUmemFd: first.fd };
  kernel.bind(fd, address);
  return xskOf({ fd, arena }, { offset, length, words }, () => {
    kernel.unmapRing(arena, offset, length);
    kernel.close(fd);
  });
}

function xskOf(
  { fd, arena }: Pick<SocketByHand, "fd" | "arena">,
  rx: MappedRing,
  close: () => void,
): Xsk {
  return {
    fd,
    arena,
    take() {
      const received: Received[] = [];
      for (;;) {
        const entry = consume(arena, rx, 16);
        if (entry === undefined) return received;
        const { address, length } = entry;
        received.push({ address, bytes: arena.slice(address, address + length) });
      }
    },
    close,
  };
}

/** Takes packets until there are `count` of them, or ten seconds have passed. */
export async function takeUntil(xsk: Xsk, count: number): Promise<Received[]> {
  const received: Received[] = [];
  const until = Date.now() + 10_000;
  while (received.length < count && Date.now() < until) {
    received.push(...xsk.take());
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return received;
}
