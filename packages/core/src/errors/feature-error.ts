import { XdpError, type XdpErrorOptions } from "./xdp-error.js";

/** A feature of AF_XDP and the first Linux that has it. */
export interface FeatureEntry {
  /** What it is, as a phrase. */
  readonly what: string;
  /** The first kernel with it, for instance `"5.10"`. */
  readonly minimumKernel: string;
}

/** What not every kernel has, with the first that does. Features are probed; the version is for the message only. */
export const FEATURES = {
  deviceRings: { what: "descriptor rings that can be sized", minimumKernel: "2.6.12" },
  flowRules: { what: "flow rules (ntuple)", minimumKernel: "2.6.34" },
  channels: { what: "channels that can be set", minimumKernel: "3.0" },
  needWakeup: { what: "need-wakeup flags", minimumKernel: "5.4" },
  unaligned: { what: "unaligned chunks", minimumKernel: "5.4" },
  sharedUmem: { what: "a UMEM shared across queues and interfaces", minimumKernel: "5.10" },
  busyPoll: { what: "preferred busy polling", minimumKernel: "5.11" },
  frags: { what: "XDP programs for packets of several buffers", minimumKernel: "5.18" },
  rxHints: { what: "hints of received packets (kfuncs)", minimumKernel: "6.3" },
  interfaceFeatures: { what: "the netdev generic-netlink family", minimumKernel: "6.3" },
  multiBuffer: { what: "packets of several frames (XDP_USE_SG)", minimumKernel: "6.6" },
  txMetadata: { what: "TX metadata", minimumKernel: "6.8" },
  txTimestamp: { what: "timestamps of sent packets in zero copy", minimumKernel: "6.8" },
  txLaunchTime: { what: "launch times in TX metadata", minimumKernel: "6.14" },
  txBudget: { what: "a TX budget (XDP_MAX_TX_SKB_BUDGET)", minimumKernel: "6.18" },
} as const;

/** The name of a feature. */
export type Feature = keyof typeof FEATURES;

/** ERR_XDP_FEATURE: the kernel, the driver or the card lacks something. */
export class XdpFeatureError extends XdpError {
  readonly feature: Feature;
  /** The first kernel that has it. */
  readonly minimumKernel: string;

  /** @param where what lacks it, when that is not the kernel: `"the driver of veth0"` */
  constructor(feature: Feature, where = "this kernel", options: XdpErrorOptions = {}) {
    const { what, minimumKernel } = FEATURES[feature];
    super("ERR_XDP_FEATURE", `${where} does not have ${what} (Linux ${minimumKernel}).`, options);
    this.feature = feature;
    this.minimumKernel = minimumKernel;
  }
}
