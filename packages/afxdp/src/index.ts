/**
 * AF_XDP sockets for Node.js: raw packets between a network card's queue and user space, opened by one strict
 * builder, closed without a trace.
 *
 * @packageDocumentation
 */
export {
  type AttachedMode,
  type AttachMode,
  type BpfSource,
  type ObjectOptions,
  type Rule,
  RxHints,
  redirect,
  type Steering,
  type UseProgramOptions,
} from "@afxdp/bpf";
export {
  ERRORS,
  type ErrorCode,
  isXdpError,
  type Kernel,
  traceKernel,
  XdpError,
  XdpFeatureError,
  XdpMemlockError,
  XdpOrderError,
  XdpProgramError,
  XdpProgramPresentError,
  type XdpStatistics,
  XdpSystemError,
} from "@afxdp/core";
export type {
  BatchHandler,
  BusyPollOptions,
  Counters,
  InterfaceEvent,
  InterfaceReport,
  MemoryOptions,
  MemoryOutcome,
  ReceiveOptions,
  RingLevel,
  RingLevels,
  RunOptions,
  RxBatch,
  RxDrops,
  SocketStatistics,
  Target,
  TxMetadata,
  UmemSetup,
  WaitOptions,
  ZeroCopyWish,
} from "@afxdp/driver";
export {
  addFlowRule,
  changeChannels,
  changeDeviceRings,
  describeInterface,
  difference,
  keepOpen,
  probeFeatures,
  promiscuous,
  restoreStaleSettings,
  watchInterface,
} from "@afxdp/driver";
export { createLinuxKernel } from "@afxdp/native";
export type { FrameCounts, FrameOptions, FrameState } from "@afxdp/umem";
export { afxdp, type SocketTarget } from "./builder.js";
export type { ProgramOptions, ProgramSource } from "./program.js";
export { Socket, type SocketMode } from "./socket.js";
export type {
  NeedsCompletion,
  NeedsFill,
  NeedsProgram,
  NeedsRings,
  NeedsSharedCompletion,
  NeedsSharedFill,
  NeedsSharedProgram,
  NeedsSharedRings,
  NeedsSharedTxOrProgram,
  NeedsTxOrProgram,
  NeedsUmem,
  OpenOptions,
  ReadyToOpen,
  SharedOpenOptions,
  SharedReadyToOpen,
  TxOptions,
} from "./stages.js";
export type { SocketProgram } from "./steered.js";
