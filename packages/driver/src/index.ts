/**
 * One AF_XDP socket on a Kernel: its set-up in the one legal order, sending, receiving, waiting, closing.
 *
 * @packageDocumentation
 */

export {
  hasFeature,
  probeFeatures,
  requireFeature,
  SOCKET_FEATURES,
} from "./features/probe-features.js";
export type { SocketFeature } from "./features/probes.js";
export { FrameSocket } from "./frame-socket.js";
export { type AddedFlowRule, addFlowRule } from "./interface/add-flow-rule.js";
export { describeInterface, type InterfaceReport } from "./interface/describe-interface.js";
export {
  type ChannelCounts,
  changeChannels,
  changeDeviceRings,
  type DeviceRingSizes,
} from "./interface/device-counts.js";
export { type DriverFeatures, decodeFeatures } from "./interface/driver-features.js";
export type { FlowRuleOptions } from "./interface/flow-rule.js";
export { keepOpen } from "./interface/keep-open.js";
export {
  applyBusyPollSettings,
  type BusyPollSettings,
} from "./interface/napi/apply-busy-poll-settings.js";
export {
  type RecordOptions,
  restoreStaleSettings,
} from "./interface/napi/restore-stale-settings.js";
export type { RestoredSetting } from "./interface/napi/roll-back.js";
export { PromiscuousMode, promiscuous } from "./interface/promiscuous.js";
export type {
  KeepOpenOptions,
  KeptSocket,
  OpenSocket,
  SocketKeeper,
} from "./interface/socket-keeper.js";
export type { Undoable } from "./interface/undoable.js";
export {
  type InterfaceEvent,
  type InterfaceListener,
  type InterfaceWatch,
  type InterfaceWatchOptions,
  type LinkState,
  type WatchedInterface,
  watchInterface,
} from "./interface/watch-interface.js";
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
export { checkBindOptions } from "./setup/bind.js";
export { type BusyPollOptions, checkBusyPoll, type NapiOptions } from "./setup/busy-poll.js";
export { crossingPages, refuseCrossing } from "./setup/crossing-pages.js";
export { checkUmemSetup, type MemoryOutcome, type UmemSetup } from "./setup/memory.js";
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
export { XdpSocket } from "./socket.js";
export type { WaitOptions } from "./wait/readable.js";
export type { BatchHandler, ReceiveOptions } from "./wait/receive-options.js";
export type { RunOptions } from "./wait/run.js";
