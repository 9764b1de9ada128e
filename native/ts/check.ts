import { ERRNO, type SystemFailure, XdpSystemError } from "@afxdp/core";

/** Where a call is made, for the error that it may end in. */
export type Place = Omit<SystemFailure, "errno">;

/** Passes a result of the addon on, or throws the XdpSystemError of a negative one. */
export function check(result: number, place: Place): number {
  if (result < 0) throw new XdpSystemError({ ...place, errno: result });
  return result;
}

/** Does as `check`; a refusal for lack of a permission says which capability to grant. */
export function checkPermitted(result: number, place: Place, capability: string): number {
  const denied = result === -ERRNO.EPERM || result === -ERRNO.EACCES;
  const hint = `Grant ${capability}, or run as root.`;
  return check(result, denied ? { ...place, hint } : place);
}

/** Passes an object of the addon on, or throws the XdpSystemError of the negative errno that came instead. */
export function checkObject<T extends object>(result: number | T, place: Place): T {
  if (typeof result === "object") return result;
  throw new XdpSystemError({ ...place, errno: result });
}

/**
 * Throws EINVAL when a value is no unsigned integer of `bits` bits. For what goes into a struct, where it would
 * silently be cut to size and mean something else: queue 2^32 would be queue 0.
 */
export function checkUnsigned(
  values: Readonly<Record<string, number>>,
  bits: 16 | 32,
  place: Place,
): void {
  for (const [name, value] of Object.entries(values)) {
    if (Number.isInteger(value) && value >= 0 && value < 2 ** bits) continue;
    throw new XdpSystemError({ ...place, errno: ERRNO.EINVAL, given: `${name} ${String(value)}` });
  }
}
