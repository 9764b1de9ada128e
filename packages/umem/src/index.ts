/**
 * The packet memory of AF_XDP: an arena on a shared WebAssembly memory, cut into frames, with an allocator and a
 * ledger that knows at any moment whom each frame belongs to.
 *
 * @packageDocumentation
 */

export { FrameAccount } from "./account.js";
export {
  ARENA_PAGE,
  Arena,
  type ArenaMemory,
  alignToPage,
  MAX_UMEM_LENGTH,
  RINGS_LENGTH,
} from "./arena.js";
export { FrameGeometry, type FrameOptions, planFrames } from "./geometry.js";
export type { FrameCounts, FrameState } from "./ledger.js";
export type { TxMetadataOptions } from "./tx-metadata.js";
export { Umem, type UmemOptions, type UmemPlacement } from "./umem.js";
