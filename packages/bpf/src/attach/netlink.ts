import {
  type ErrorCode,
  type Fd,
  isXdpError,
  XDP_FLAGS_DRV_MODE,
  XDP_FLAGS_HW_MODE,
  XDP_FLAGS_SKB_MODE,
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
    if (!isOneOf(error, ["ERR_XDP_PROGRAM_PRESENT", "ERR_XDP_NO_DEVICE"])) throw error;
  }
}

export function isOneOf(error: unknown, codes: readonly ErrorCode[]): boolean {
  return isXdpError(error) && codes.includes(error.code);
}
