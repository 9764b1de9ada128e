import {
  type AttachedProgram,
  type Channels,
  type DeviceRings,
  ERRNO,
  type InterfaceState,
  isXdpError,
  type Kernel,
} from "@afxdp/core";
import { checkInterfaceName } from "../setup/target.js";
import { type DriverFeatures, decodeFeatures } from "./driver-features.js";
import { errnoOf } from "./errno-of.js";

/** All that can be known of an interface at one time. Plain data: `JSON.stringify` takes it. */
export interface InterfaceReport extends InterfaceState {
  readonly name: string;
  /** Nothing before Linux 6.3. */
  readonly features: DriverFeatures | undefined;
  /** Nothing where the driver does not tell. */
  readonly channels: Channels | undefined;
  /** Nothing where the driver does not tell, as veth, which has none. */
  readonly deviceRings: DeviceRings | undefined;
  /** The NUMA node of the device; nothing when it has none, as a virtual one, and without CAP_SYS_ADMIN. */
  readonly numaNode: number | undefined;
  /** The XDP program attached to it, whoever did it. */
  readonly attachedProgram: AttachedProgram | undefined;
  /** Why a field is not there, a sentence for each that the kernel or the driver does not tell. */
  readonly notes: readonly string[];
}

/**
 * Tells all that can be known of an interface in the calling thread's network namespace. Changes nothing. What kernel
 * or driver do not tell is undefined, with a note that says why.
 *
 * @throws XdpError ERR_XDP_NO_DEVICE, ERR_XDP_PERMISSION, ERR_XDP_SYSCALL
 */
export function describeInterface(kernel: Kernel, interfaceName: string): InterfaceReport {
  checkInterfaceName(interfaceName);
  const state = kernel.interfaceState(interfaceName);
  const notes: string[] = [];
  const ask = <T>(what: string, call: () => T, isUntold = isUnknown): T | undefined => {
    try {
      return call();
    } catch (error) {
      if (!isUntold(error)) throw error;
      notes.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  };
  const features = ask("features", () => kernel.interfaceFeatures(state.index));
  return {
    name: interfaceName,
    ...state,
    features: features === undefined ? undefined : decodeFeatures(features),
    channels: ask("channels", () => kernel.channels(interfaceName)),
    deviceRings: ask("deviceRings", () => kernel.deviceRings(interfaceName)),
    numaNode: ask("numaNode", () => nodeOf(kernel, interfaceName), isDenied),
    attachedProgram: kernel.attachedProgram(state.index),
    notes,
  };
}

function nodeOf(kernel: Kernel, interfaceName: string): number | undefined {
  const node = kernel.interfaceNode(interfaceName);
  return node < 0 ? undefined : node;
}

/** Looking into the /sys of the thread's own namespace takes CAP_SYS_ADMIN, which nothing else here does. */
function isDenied(error: unknown): boolean {
  return isXdpError(error) && error.code === "ERR_XDP_PERMISSION";
}

function isUnknown(error: unknown): boolean {
  if (isXdpError(error) && error.code === "ERR_XDP_FEATURE") return true;
  return errnoOf(error) === ERRNO.EOPNOTSUPP;
}
