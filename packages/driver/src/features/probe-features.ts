import { type Kernel, XdpError, XdpFeatureError } from "@afxdp/core";
import { PROBES, type SocketFeature } from "./probes.js";

/** The features that can be probed. */
export const SOCKET_FEATURES: readonly SocketFeature[] = Object.keys(PROBES) as SocketFeature[];

/** What is known of each kernel. It does not change while it runs. */
const known = new WeakMap<Kernel, Map<SocketFeature, boolean>>();

/**
 * Tells whether a kernel has a feature. Probed by harmless system calls on scratch sockets, never inferred from the
 * version; once for each Kernel object.
 *
 * @throws XdpError ERR_XDP_ARGUMENT for a name that is no such feature; the error of a probe that could not be made:
 * ERR_XDP_PERMISSION, ERR_XDP_MEMLOCK, ERR_XDP_KERNEL_UNSUPPORTED, ERR_XDP_SYSCALL
 */
export function hasFeature(kernel: Kernel, feature: SocketFeature): boolean {
  if (!Object.hasOwn(PROBES, feature)) {
    throw new XdpError(
      "ERR_XDP_ARGUMENT",
      `${JSON.stringify(feature)} is not a feature that a socket can be probed for.`,
      { hint: `Use one of ${SOCKET_FEATURES.join(", ")}.` },
    );
  }
  const answers = known.get(kernel) ?? new Map<SocketFeature, boolean>();
  known.set(kernel, answers);
  const answer = answers.get(feature) ?? PROBES[feature](kernel);
  answers.set(feature, answer);
  return answer;
}

/**
 * Tells of every feature whether a kernel has it.
 *
 * @throws XdpError as {@link hasFeature}
 */
export function probeFeatures(kernel: Kernel): Readonly<Record<SocketFeature, boolean>> {
  const answers = SOCKET_FEATURES.map((feature) => [feature, hasFeature(kernel, feature)]);
  return Object.fromEntries(answers) as Record<SocketFeature, boolean>;
}

/**
 * Goes on only when a kernel has a feature.
 *
 * @throws XdpFeatureError with the feature and the first kernel that has it; XdpError as {@link hasFeature}
 */
export function requireFeature(kernel: Kernel, feature: SocketFeature): void {
  if (!hasFeature(kernel, feature)) throw new XdpFeatureError(feature);
}
