/**
 * One AF_XDP socket on a Kernel: its set-up in the one legal order, sending, receiving, waiting, closing.
 *
 * @packageDocumentation
 */

export { FrameSocket } from "./frame-socket.js";
export type { Counters } from "./io/counters.js";
export type { RxBatch } from "./io/rx-batch.js";
export {
  difference,
  type RingLevel,
  type RingLevels,
  type RxDrops,
  type SocketStatistics,
} from "./io/statistics.js";
export { type TxCapabilities, type TxMetadata, txCapabilitiesOf } from "./io/tx-metadata.js";
export type { RingSizes } from "./setup/map-rings.js";
export { beginSetup } from "./setup/setup.js";
export type {
  BindOptions,
  NeedsBind,
  NeedsCompletion,
  NeedsFill,
  NeedsMap,
  NeedsMode,
  NeedsPrefill,
  NeedsRings,
  NeedsSocket,
  NeedsTxOrMap,
  NeedsUmem,
  ReadySocket,
  SetupStage,
} from "./setup/stages.js";
export { checkInterfaceName, checkQueueId, type Target } from "./setup/target.js";
export { XdpSocket } from "./socket.js";
export type { WaitOptions } from "./wait/readable.js";
export type { BatchHandler, ReceiveOptions } from "./wait/receive-options.js";
export type { RunOptions } from "./wait/run.js";
