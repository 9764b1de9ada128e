import { XdpError } from "./errors/xdp-error.js";

/** @throws XdpError ERR_XDP_ARGUMENT unless it is a whole number from 0 to `most` */
export function checkCount(name: string, value: number, most: number): void {
  if (!Number.isInteger(value) || value < 0 || value > most) {
    throw new XdpError(
      "ERR_XDP_ARGUMENT",
      `${name} ${String(value)} is not a whole number from 0 to ${most}.`,
    );
  }
}

/** The longest time that a timer takes, in milliseconds. */
const MAX_TIMEOUT = 0x7fff_ffff;

/** @throws XdpError ERR_XDP_ARGUMENT unless it is absent, or a number from 0 to `most` */
export function checkTimeout(
  name: string,
  value: number | undefined,
  most: number = MAX_TIMEOUT,
): void {
  if (value !== undefined && !(typeof value === "number" && value >= 0 && value <= most)) {
    throw new XdpError(
      "ERR_XDP_ARGUMENT",
      `${name} ${String(value)} is not a number of milliseconds from 0 to ${most}.`,
    );
  }
}
