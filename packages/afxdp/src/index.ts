/**
 * AF_XDP sockets for Node.js: raw packets between a network card's queue and user space, opened by one strict
 * builder, closed without a trace.
 *
 * @packageDocumentation
 */
export { type Rule, redirect, type Steering, type SteeringProgram } from "@afxdp/bpf";
export {
  ERRORS,
  type ErrorCode,
  isXdpError,
  type Kernel,
  traceKernel,
  XdpError,
  XdpOrderError,
  XdpProgramError,
  XdpProgramPresentError,
  type XdpStatistics,
  XdpSystemError,
} from "@afxdp/core";
export {
  type BatchHandler,
  type Counters,
  difference,
  type ReceiveOptions,
  type RingLevel,
  type RingLevels,
  type RunOptions,
  type RxBatch,
  type RxDrops,
  type SocketStatistics,
  type Target,
  type TxMetadata,
  type WaitOptions,
} from "@afxdp/driver";
export { createLinuxKernel } from "@afxdp/native";
export type { FrameCounts, FrameOptions, FrameState } from "@afxdp/umem";
export { afxdp, type SocketTarget } from "./builder.js";
export { Socket, type SocketMode, type SocketProgram } from "./socket.js";
export type {
  NeedsCompletion,
  NeedsFill,
  NeedsProgram,
  NeedsRings,
  NeedsTxOrProgram,
  NeedsUmem,
  OpenOptions,
  ReadyToOpen,
} from "./stages.js";
