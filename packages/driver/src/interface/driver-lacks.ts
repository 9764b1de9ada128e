import { ERRNO, type Feature, XdpFeatureError } from "@afxdp/core";
import { errnoOf } from "./errno-of.js";

/**
 * Makes a call that not every driver has.
 *
 * @throws XdpFeatureError in place of EOPNOTSUPP, with that as its cause; every other error as it is
 */
export function unlessDriverLacks<T>(
  feature: Feature,
  interfaceName: string,
  call: () => T,
  hint?: string,
): T {
  try {
    return call();
  } catch (cause) {
    if (errnoOf(cause) !== ERRNO.EOPNOTSUPP) throw cause;
    throw new XdpFeatureError(feature, `The driver of ${interfaceName}`, {
      cause,
      hint: hint ?? "Do without, or use a card whose driver has it.",
    });
  }
}
