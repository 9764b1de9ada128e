import { decodeU32, RING_ABI, RING_NAMES } from "@afxdp/core";

/**
 * One AF_XDP socket, set up call by call through a Kernel. Plain JavaScript, because Workers run it, too; the types
 * are in by-hand.d.mts.
 */

export const FRAME_SIZE = 2048;
export const FRAMES = 64;
export const ENTRIES = 32;
const UMEM_LENGTH = FRAME_SIZE * FRAMES;
const WASM_PAGE = 65536;

/** An arena of one megabyte, or of more bytes. */
export function makeArena(bytes = 1 << 20) {
  const pages = bytes / WASM_PAGE;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  return new Uint8Array(memory.buffer, 0, pages * WASM_PAGE);
}

/** What `registerUmem` is given for the front of the arena. */
export const registration = {
  offset: 0,
  length: UMEM_LENGTH,
  chunkSize: FRAME_SIZE,
  headroom: 0,
  flags: 0,
  txMetadataLength: 0,
};

/** Opens a socket, registers the arena and sizes the rings, but maps and binds nothing. */
export function prepare(kernel, arena) {
  const fd = kernel.socket();
  kernel.registerUmem(fd, arena, registration);
  for (const ring of RING_NAMES) {
    kernel.setRingSize(fd, ring, ENTRIES);
  }
  return fd;
}

/** Maps the four rings behind the UMEM. */
export function mapRings(kernel, fd, arena) {
  const offsets = kernel.mmapOffsets(fd);
  const rings = {};
  let offset = UMEM_LENGTH;
  for (const ring of RING_NAMES) {
    const bytes = offsets[ring].desc + ENTRIES * RING_ABI[ring].entrySize;
    const length = Math.ceil(bytes / kernel.pageSize) * kernel.pageSize;
    kernel.mapRing(fd, ring, arena, offset, length);
    rings[ring] = { offset, length, words: offsets[ring] };
    offset += length;
  }
  return rings;
}

/** The whole sequence: a socket bound to a queue, with every ring mapped. */
export function openByHand(kernel, interfaceIndex, queueId = 0) {
  const arena = makeArena();
  const fd = prepare(kernel, arena);
  const rings = mapRings(kernel, fd, arena);
  try {
    const flags = 2 | 8; // XDP_COPY | XDP_USE_NEED_WAKEUP
    kernel.bind(fd, { flags, interfaceIndex, queueId, sharedUmemFd: 0 });
    return { fd, arena, rings };
  } catch (error) {
    closeByHand(kernel, { fd, arena, rings });
    throw error;
  }
}

export function closeByHand(kernel, { fd, arena, rings }) {
  for (const { offset, length } of Object.values(rings)) kernel.unmapRing(arena, offset, length);
  kernel.close(fd);
}

/**
 * Does `attempt` again while it throws ERR_XDP_QUEUE_BUSY, for at most a second: the kernel releases a queue a
 * moment after close.
 */
export function whileBusy(attempt) {
  const until = Date.now() + 1000;
  for (;;) {
    try {
      return attempt();
    } catch (error) {
      if (error.code !== "ERR_XDP_QUEUE_BUSY" || Date.now() > until) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

/** One 32-bit word of a ring. */
export function word(arena, at) {
  return Atomics.load(new Int32Array(arena.buffer), at / 4);
}

/** Puts one entry into a producer ring and publishes it. */
export function produce(arena, { offset, words }, address, length) {
  const all = new Int32Array(arena.buffer);
  const producer = word(arena, offset + words.producer);
  const size = length === undefined ? 8 : 16;
  const at = (offset + words.desc + (producer % ENTRIES) * size) / 4;
  all[at] = address;
  all[at + 1] = 0;
  if (length !== undefined) {
    all[at + 2] = length;
    all[at + 3] = 0;
  }
  Atomics.store(all, (offset + words.producer) / 4, producer + 1);
}

/** Takes one entry from a consumer ring: an address, and a length where it has one. Undefined when it is empty. */
export function consume(arena, { offset, words }, size) {
  const consumer = word(arena, offset + words.consumer);
  if (word(arena, offset + words.producer) === consumer) return undefined;
  const at = offset + words.desc + (consumer % ENTRIES) * size;
  const address = decodeU32(arena.subarray(at, at + 4));
  const length = size === 16 ? decodeU32(arena.subarray(at + 8, at + 12)) : 0;
  Atomics.store(new Int32Array(arena.buffer), (offset + words.consumer) / 4, consumer + 1);
  return { address, length };
}
