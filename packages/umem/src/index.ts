/**
 * The packet memory of AF_XDP: an arena on a shared WebAssembly memory, cut into frames, with an allocator and a
 * ledger that knows at any moment whom each frame belongs to.
 *
 * @packageDocumentation
 */
export {
  ARENA_PAGE,
  Arena,
  type ArenaMemory,
  alignToPage,
  MAX_UMEM_LENGTH,
  RINGS_LENGTH,
} from "./arena.js";
export { FrameGeometry, type FrameOptions } from "./geometry.js";
export type { FrameCounts, FrameState } from "./ledger.js";
export { Umem, type UmemOptions } from "./umem.js";
