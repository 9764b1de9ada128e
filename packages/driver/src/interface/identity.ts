import { type InterfaceState, isXdpError, type Kernel, XdpError } from "@afxdp/core";
import { checkInterfaceName } from "../setup/target.js";
import { namespaceOf } from "./namespace.js";

/** One device: a name can be given to another one, and an index repeats in other network namespaces. */
export interface InterfaceIdentity {
  readonly name: string;
  readonly index: number;
  /** The network namespace's cookie. */
  readonly namespace: bigint;
}

/**
 * Looks up an interface in the calling thread's network namespace.
 *
 * @throws XdpError ERR_XDP_NO_DEVICE
 */
export function identify(kernel: Kernel, name: string): InterfaceIdentity {
  checkInterfaceName(name);
  const { index } = kernel.interfaceState(name);
  return { name, index, namespace: namespaceOf(kernel) };
}

/** The state of the interface of that name; nothing when there is none. */
export function lookUp(kernel: Kernel, name: string): InterfaceState | undefined {
  return unlessGone(() => kernel.interfaceState(name));
}

/** Whether there is a device with that index in the calling thread's namespace, whatever its name. */
export function hasDevice(kernel: Kernel, index: number): boolean {
  return (
    unlessGone(() => {
      kernel.attachedProgram(index);
      return true;
    }) ?? false
  );
}

function unlessGone<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    if (isXdpError(error) && error.code === "ERR_XDP_NO_DEVICE") return undefined;
    throw error;
  }
}

/**
 * Whether a device is still there under its name: before something of it is put back. False when it is gone, so that
 * nothing is left to put back.
 *
 * @throws XdpError ERR_XDP_NO_DEVICE when the device cannot be reached: it has another name now, or the calling thread
 * is in another network namespace
 */
export function isStillThere(kernel: Kernel, device: InterfaceIdentity): boolean {
  const { name, index, namespace } = device;
  if (namespaceOf(kernel) !== namespace) {
    throw new XdpError(
      "ERR_XDP_NO_DEVICE",
      `The thread is not in the network namespace of ${name} any more.`,
      { hint: "Call this in the namespace in which the setting was changed." },
    );
  }
  if (lookUp(kernel, name)?.index === index) return true;
  if (!hasDevice(kernel, index)) return false;
  throw new XdpError(
    "ERR_XDP_NO_DEVICE",
    `Interface ${index} is not called ${name} any more: its settings cannot be put back under this name.`,
    { hint: `Give it its old name and try again: \`ip link\` shows it as number ${index}.` },
  );
}
