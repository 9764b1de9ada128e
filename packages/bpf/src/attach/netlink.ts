import {
  type ErrorCode,
  type Fd,
  isXdpError,
  type Kernel,
  XDP_FLAGS_DRV_MODE,
  XDP_FLAGS_HW_MODE,
  XDP_FLAGS_SKB_MODE,
  XdpError,
  XdpSystemError,
} from "@afxdp/core";
import type { AttachedMode } from "./attachment.js";
import type { Place } from "./present-error.js";

export const MODE_FLAGS: Readonly<Record<AttachedMode, number>> = {
  drv: XDP_FLAGS_DRV_MODE,
  skb: XDP_FLAGS_SKB_MODE,
  hw: XDP_FLAGS_HW_MODE,
};

/** Stands for no program, in calls that take one. */
export const NO_PROGRAM = -1;

/** Takes our program off, in favour of `successor` or of none, unless it is gone already. */
export function takeOff(place: Place, flags: number, successor: Fd): void {
  const { kernel, program, interfaceIndex } = place;
  try {
    kernel.attachByNetlink(interfaceIndex, successor, flags, program);
  } catch (error) {
    if (isOneOf(error, ["ERR_XDP_NO_DEVICE"])) return;
    if (!isOneOf(error, ["ERR_XDP_PROGRAM_PRESENT"])) throw error;
    // Another one is there, or the driver was busy.
    if (kernel.attachedProgram(interfaceIndex)?.id === kernel.programInfo(program).id) throw error;
  }
}

/**
 * Remembers the calling thread's network namespace. What it returns checks that the thread is in that one: in another
 * the same index is another interface's, and our program would not be found there.
 *
 * @throws XdpError what it returns: ERR_XDP_NO_DEVICE
 */
export function sameNamespace({ kernel, interfaceName }: Place): () => void {
  const namespace = namespaceOf(kernel);
  return () => {
    if (namespaceOf(kernel) === namespace) return;
    throw new XdpError(
      "ERR_XDP_NO_DEVICE",
      `The thread is not in the network namespace of ${interfaceName} any more: the program stays attached.`,
      {
        hint: "Detach it in the namespace in which it was attached, before its program is closed.",
      },
    );
  };
}

/** 0 from a kernel before Linux 5.14, which does not tell. */
function namespaceOf(kernel: Kernel): bigint {
  try {
    return kernel.namespaceCookie();
  } catch (error) {
    if (error instanceof XdpSystemError && error.errnoName === "ENOPROTOOPT") return 0n;
    throw error;
  }
}

export function isOneOf(error: unknown, codes: readonly ErrorCode[]): boolean {
  return isXdpError(error) && codes.includes(error.code);
}
