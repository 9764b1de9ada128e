/**
 * One AF_XDP socket on a Kernel: its set-up in the one legal order, sending, receiving, waiting, closing.
 *
 * @packageDocumentation
 */

export { FrameSocket } from "./frame-socket.js";
export type { Counters } from "./io/counters.js";
export type { RxBatch } from "./io/rx-batch.js";
export type { BusyPollOptions, NapiOptions } from "./setup/busy-poll.js";
export type { MemoryOutcome, UmemSetup } from "./setup/memory.js";
export type { HugePages, MemoryOptions } from "./setup/memory-options.js";
export { beginSetup } from "./setup/setup.js";
export type {
  BindOptions,
  NeedsBind,
  NeedsBudgetOrMap,
  NeedsCompletion,
  NeedsFill,
  NeedsMap,
  NeedsMode,
  NeedsPrefill,
  NeedsRings,
  NeedsSharedFill,
  NeedsSharedRings,
  NeedsSocket,
  NeedsTxOrMap,
  NeedsUmem,
  ReadySocket,
  SetupStage,
  SharedBindOptions,
  SharingOwner,
  ZeroCopyWish,
} from "./setup/stages.js";
export { checkInterfaceName, checkQueueId, type Target } from "./setup/target.js";
export { type SocketStatistics, XdpSocket } from "./socket.js";
export type { WaitOptions } from "./wait/readable.js";
export type { BatchHandler, ReceiveOptions } from "./wait/receive-options.js";
export type { RunOptions } from "./wait/run.js";
