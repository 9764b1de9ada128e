import { checkOptions, XdpError, XSK_TX_BATCH } from "@afxdp/core";
import { checkBindOptions, checkBusyPoll } from "@afxdp/driver";
import type { Plan } from "./plan.js";
import type { OpenOptions, TxOptions } from "./stages.js";

const MODES: readonly unknown[] = ["auto", "drv", "skb", "hw", undefined];
const MODE_FLAGS = ["zeroCopy", "needWakeup", "multiBuffer"] as const;
const NAMES: readonly string[] = [
  ...MODE_FLAGS,
  "mode",
  "signal",
  "busyTimeoutMs",
  "busyPoll",
  "promiscuous",
];

/** The budget among the options of a tx ring. @throws XdpError ERR_XDP_ARGUMENT */
export function checkTxOptions(entries: number, options: TxOptions): number | undefined {
  checkOptions("tx", options, ["budget"]);
  const { budget } = options;
  if (budget === undefined) return undefined;
  if (!Number.isInteger(budget) || budget < XSK_TX_BATCH || budget > entries) {
    throw new XdpError(
      "ERR_XDP_ARGUMENT",
      `budget ${String(budget)} is not a whole number from ${XSK_TX_BATCH} to ${entries}, the tx ring's entries.`,
    );
  }
  return budget;
}

/** Checks what `open` is given against the whole plan, without a system call. @throws XdpError ERR_XDP_ARGUMENT, ERR_XDP_CONFLICT */
export function checkOpenOptions(plan: Plan, options: OpenOptions): void {
  const shares = plan.umem === undefined;
  checkOptions("open", options, NAMES);
  for (const name of MODE_FLAGS) {
    if (shares && options[name] !== undefined) {
      throw new XdpError(
        "ERR_XDP_CONFLICT",
        `A socket that shares a UMEM was given ${name}: its mode is the owner's.`,
        { hint: `Leave ${name} out, or give it to the owner.` },
      );
    }
  }
  const { mode, busyPoll, promiscuous, ...bind } = options;
  checkBindOptions(bind, false);
  if (!MODES.includes(mode)) {
    throw new XdpError("ERR_XDP_ARGUMENT", `mode ${String(mode)} is not auto, drv, skb or hw.`);
  }
  if (bind.zeroCopy === "require") checkZeroCopy(plan, mode);
  checkModeOfProgram(plan, mode);
  if (promiscuous !== undefined && typeof promiscuous !== "boolean") {
    throw new XdpError("ERR_XDP_ARGUMENT", `promiscuous ${String(promiscuous)} is not a boolean.`);
  }
  if (busyPoll !== undefined) checkBusyPoll(busyPoll);
}

/** What does nothing in zero copy cannot be asked for together with it. @throws XdpError ERR_XDP_CONFLICT */
function checkZeroCopy({ umem, budget }: Plan, mode: OpenOptions["mode"]): void {
  const conflict = (other: string, hint: string): XdpError =>
    new XdpError("ERR_XDP_CONFLICT", `open was given zeroCopy require, and ${other}.`, { hint });
  if (mode === "skb") {
    throw conflict("mode skb", "Zero copy is the driver's: use mode drv or auto.");
  }
  if (budget !== undefined) {
    throw conflict("tx a budget", "A budget is of the kicks of copy mode: leave it out.");
  }
  const { txMetadata } = umem ?? {};
  if (typeof txMetadata === "object" && txMetadata.softwareChecksum === true) {
    throw conflict(
      "umem softwareChecksum",
      "It is of copy mode: leave it out. In zero copy, what the card cannot do is computed here.",
    );
  }
}

/** What is asked of a program has to fit where it comes from, and where it can run. */
function checkModeOfProgram({ program }: Plan, mode: OpenOptions["mode"]): void {
  if (program === undefined || mode === undefined || mode === "auto") return;
  if (program.kind === "map" || program.kind === "open") {
    throw new XdpError(
      "ERR_XDP_CONFLICT",
      `open was given mode ${mode}, and a program that somebody else attaches.`,
      { hint: "Leave the mode out: it is chosen where the program is attached." },
    );
  }
  const hints = program.kind === "rules" && program.options.hints === true;
  if (hints && mode !== "drv") {
    throw new XdpError("ERR_XDP_CONFLICT", `open was given mode ${mode}, and hints.`, {
      hint: "Hints are the driver's: use mode drv or auto.",
    });
  }
}
