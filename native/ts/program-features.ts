import {
  BPF_F_XDP_DEV_BOUND_ONLY,
  BPF_F_XDP_HAS_FRAGS,
  ERRNO,
  XdpFeatureError,
  XdpProgramError,
  XdpSystemError,
} from "@afxdp/core";
import type { Addon, LoadFailure } from "./addon.js";

/**
 * Tells, after a load failed, whether it had to fail because of what was asked for beside the object: the kernel
 * refuses even the shortest program with the same flags. Nothing when it takes that one, and so the object is at fault.
 */
export function missingFeature(
  addon: Addon,
  deviceIndex: number | undefined,
  { frags, log }: LoadFailure,
): Error | undefined {
  // An unknown flag is EINVAL; any other failure is not about the flags.
  const takes = (flags: number, device = 0): boolean =>
    addon.probeProgram(flags, device) !== -ERRNO.EINVAL;
  if (frags && !takes(BPF_F_XDP_HAS_FRAGS)) return new XdpFeatureError("frags");
  if (deviceIndex === undefined) return undefined;
  // Without a device the flag means nothing yet, but a kernel that does not know it refuses it.
  if (!takes(BPF_F_XDP_DEV_BOUND_ONLY)) return new XdpFeatureError("rxHints");
  const bound = -addon.probeProgram(BPF_F_XDP_DEV_BOUND_ONLY, deviceIndex);
  if (bound === ERRNO.EOPNOTSUPP) {
    return new XdpFeatureError("rxHints", `the driver of interface ${deviceIndex}`);
  }
  if (bound === ERRNO.EINVAL) {
    return new XdpSystemError({
      step: "program",
      syscall: "bpf(BPF_PROG_LOAD)",
      errno: ERRNO.ENODEV,
      given: `interface ${deviceIndex}`,
      code: "ERR_XDP_NO_DEVICE",
    });
  }
  if (!frags || takes(BPF_F_XDP_DEV_BOUND_ONLY | BPF_F_XDP_HAS_FRAGS, deviceIndex)) {
    return undefined;
  }
  return new XdpProgramError(
    "The XDP program could not be loaded: this kernel binds no program for packets of several buffers to a device.",
    log.trim(),
    ERRNO.EINVAL,
    { hint: "Load it with `frags: false`, or on a newer kernel." },
  );
}
