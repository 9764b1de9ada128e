import { checkOptions, type Kernel, XDP_MAX_QUEUE_ID, XdpError } from "@afxdp/core";
import { steerObject } from "../generated/steer.js";
import { steerHintsObject } from "../generated/steer-hints.js";
import { checkRules, type Steering } from "../rules/check-rules.js";
import { STEER_ABI } from "../rules/layout.js";
import { afterClosing } from "./after-closing.js";
import { checkDeviceIndex } from "./load-object.js";
import { SteeringProgram } from "./steering-program.js";

/** What `loadSteering` is told. */
export interface SteeringOptions {
  /** Which packets go to the sockets of slot 0. */
  readonly rules: Steering;
  /** Queues of the interface: how many sockets a slot has room for. 1 to 65536. */
  readonly queues: number;
  /** How many sockets each queue has room for; 1 to 64, 1 when absent. Others than slot 0 come in by `addSlot`. */
  readonly slots?: number | undefined;
  /**
   * Writes what the driver knows of each packet before it: timestamp, hash, VLAN tag, to be read by `RxHints`. The
   * program is then bound to this interface and runs in its driver only. Linux 6.3, for the VLAN tag 6.8; which hints
   * the driver has is in `kernel.interfaceFeatures(interfaceIndex).rxMetadata`. A packet that has no room for them
   * before it goes to the kernel's stack and is counted in `refusedHints`.
   */
  readonly hints?: { readonly interfaceIndex: number } | undefined;
}

const NAMES = ["rules", "queues", "slots", "hints"] satisfies (keyof SteeringOptions)[];

/**
 * Loads the steering program with its rules in force. It does nothing until a socket is entered and it is attached.
 * The caller closes it.
 *
 * @throws XdpError ERR_XDP_RULE and ERR_XDP_ARGUMENT before any system call; ERR_XDP_PROGRAM, ERR_XDP_PERMISSION; with
 *   `hints` XdpFeatureError `rxHints` where the kernel or the driver has none, ERR_XDP_NO_DEVICE
 */
export function loadSteering(kernel: Kernel, options: SteeringOptions): SteeringProgram {
  checkOptions("loadSteering", options, NAMES);
  const rules = checkRules(options.rules);
  const { queues, slots = 1, hints } = options;
  if (!Number.isInteger(queues) || queues < 1 || queues > XDP_MAX_QUEUE_ID + 1) {
    throw new XdpError("ERR_XDP_ARGUMENT", `queues ${String(queues)} is not from 1 to 65536.`);
  }
  if (!Number.isInteger(slots) || slots < 1 || slots > STEER_ABI.maxSlots) {
    const range = `from 1 to ${STEER_ABI.maxSlots}`;
    throw new XdpError("ERR_XDP_ARGUMENT", `slots ${String(slots)} is not ${range}.`);
  }
  if (hints !== undefined) {
    checkOptions("hints", hints, ["interfaceIndex"]);
    checkDeviceIndex("interfaceIndex", hints.interfaceIndex);
  }
  const mapEntries = { [STEER_ABI.maps.sockets]: queues * slots };
  const loaded = kernel.loadProgram(
    hints === undefined
      ? { object: steerObject(), mapEntries }
      : { object: steerHintsObject(), mapEntries, deviceIndex: hints.interfaceIndex },
  );
  const deviceIndex = hints?.interfaceIndex ?? 0;
  const program = new SteeringProgram(kernel, { ...loaded, deviceIndex }, { queues, slots });
  try {
    program.setRules(rules);
  } catch (error) {
    throw afterClosing(error, [() => program.close()]);
  }
  return program;
}
