import { checkOptions, XdpError } from "@afxdp/core";
import { type BpfSource, checkPath, checkSource } from "../maps/bpf-source.js";
import type { AttachedMode } from "./attachment.js";

/**
 * `drv` runs the program in the driver, `skb` in the kernel's stack, `hw` on the card (for which it must have been
 * loaded); `auto` tries the first two in this order.
 */
export type AttachMode = "auto" | AttachedMode;

/** How a program is attached. */
export interface AttachOptions {
  /** `auto` when absent. */
  readonly mode?: AttachMode | undefined;
  /**
   * `link`, which is taken when absent, ends with the process, however it ends. `netlink` leaves the program on the
   * interface **also when the process has ended**, until somebody takes it off.
   */
  readonly by?: "link" | "netlink" | undefined;
  /**
   * The program that is expected on the interface and makes room. It is replaced only if it is that one, in the mode
   * that it runs in, and detaching puts it back; but not by netlink when it is the same program as this (name and
   * tag), which a process that was killed has left. By link `link` has to name the link that holds it.
   */
  readonly replace?: BpfSource | undefined;
  /** The link on which `replace` is replaced. It stays its owner's. */
  readonly link?: BpfSource | undefined;
  /**
   * Path to pin a new link at, below /sys/fs/bpf: the program then stays when the process ends, until a
   * moment after `kernel.unpin(path)`, or until another takes its place by `replace` and `link`.
   */
  readonly pin?: string | undefined;
}

const NAMES = ["mode", "by", "replace", "link", "pin"] satisfies (keyof AttachOptions)[];
const MODES: readonly unknown[] = ["auto", "drv", "skb", "hw"];

/** Options that were checked. */
export interface AttachPlan extends AttachOptions {
  readonly mode: AttachMode;
  readonly by: "link" | "netlink";
}

/**
 * Checks options without a system call, and puts in what is absent.
 *
 * @throws XdpError ERR_XDP_ARGUMENT, ERR_XDP_CONFLICT
 */
export function planAttach(given: AttachMode | AttachOptions): AttachPlan {
  const options = typeof given === "string" ? { mode: given } : given;
  checkOptions("attach", options, NAMES);
  const { mode = "auto", by = "link", replace, link, pin } = options;
  if (!MODES.includes(mode)) {
    throw new XdpError("ERR_XDP_ARGUMENT", `mode ${String(mode)} is not auto, drv, skb or hw.`);
  }
  if (by !== "link" && by !== "netlink") {
    throw new XdpError("ERR_XDP_ARGUMENT", `by ${String(by)} is not link or netlink.`);
  }
  if (replace !== undefined) checkSource("program to replace", replace);
  if (link !== undefined) checkSource("link", link);
  if (pin !== undefined) checkPath("pin of the link", pin);
  checkTogether(by, options);
  return { ...options, mode, by };
}

function checkTogether(by: "link" | "netlink", { replace, link, pin }: AttachOptions): void {
  if (by === "netlink" && link !== undefined) throw conflict("by: netlink", "link");
  if (by === "netlink" && pin !== undefined) throw conflict("by: netlink", "pin");
  if (link !== undefined && pin !== undefined) throw conflict("link", "pin");
  if (by === "link" && (replace === undefined) !== (link === undefined)) {
    throw new XdpError(
      "ERR_XDP_ARGUMENT",
      "By link, a program is replaced on the link that holds it: `replace` and `link` go together.",
      { hint: 'Pass both, or by: "netlink" for a program that no link holds.' },
    );
  }
}

function conflict(one: string, other: string): XdpError {
  return new XdpError("ERR_XDP_CONFLICT", `attach was given both ${one} and ${other}.`);
}
