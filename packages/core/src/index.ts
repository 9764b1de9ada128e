/**
 * What every package of afxdp shares: errors, the kernel's constants and struct layouts, the table of set-up
 * steps that fixes the one legal order, and the `Kernel` contract.
 *
 * @packageDocumentation
 */
export * from "./abi/constants.js";
export { ERRNO, type ErrnoName, errnoName } from "./abi/errno.js";
export * from "./abi/layouts.js";
export { RING_ABI, RING_NAMES, type RingAbi, type RingName } from "./abi/rings.js";
export { checkCount, checkTimeout } from "./check-number.js";
export { checkOptions } from "./check-options.js";
export { ERRORS, type ErrorCode, type ErrorEntry } from "./errors/catalogue.js";
export {
  FEATURES,
  type Feature,
  type FeatureEntry,
  XdpFeatureError,
} from "./errors/feature-error.js";
export { XdpMemlockError } from "./errors/memlock-error.js";
export { XdpOrderError } from "./errors/order-error.js";
export { XdpProgramError, XdpProgramPresentError } from "./errors/program-error.js";
export { runAll, throwFirst } from "./errors/run-all.js";
export { type CallSite, type SystemFailure, XdpSystemError } from "./errors/system-error.js";
export {
  isXdpError,
  XdpError,
  type XdpErrorOptions,
} from "./errors/xdp-error.js";
export type { Kernel } from "./kernel.js";
export type {
  ArenaBytes,
  AttachedProgram,
  BpfKind,
  BpfObject,
  Channels,
  DeviceRings,
  Fd,
  FlowRule,
  InterfaceFeatures,
  InterfaceSetting,
  InterfaceState,
  LinkEvent,
  LoadedProgram,
  MapInfo,
  MemoryLimits,
  ProgramImage,
  ProgramInfo,
  SocketOption,
  Watch,
} from "./kernel-types.js";
export { Sequence, type Undo } from "./order/sequence.js";
export { legalSteps, STEP_NAMES, STEPS, type Step, type StepName } from "./order/steps.js";
export { type AbortSignalLike, abortError, checkSignal, throwIfAborted } from "./signal.js";
export { traceKernel, wrapKernel } from "./trace.js";
