import { isXdpError, type Kernel, XDP_MAX_QUEUE_ID, XdpError } from "@afxdp/core";
import { steerObject } from "../generated/steer.js";
import { checkRules, type Steering } from "../rules/check-rules.js";
import { STEER_ABI } from "../rules/layout.js";
import { SteeringProgram } from "./steering-program.js";

/** What `loadSteering` is told. */
export interface SteeringOptions {
  /** Which packets go to the sockets. */
  readonly rules: Steering;
  /** Queues of the interface: how many sockets can be entered. 1 to 65536. */
  readonly queues: number;
}

/**
 * Loads the steering program with its rules in force. It does nothing until a socket is entered and it is attached.
 * The caller closes it.
 *
 * @throws XdpError ERR_XDP_RULE and ERR_XDP_ARGUMENT before any system call; ERR_XDP_PROGRAM, ERR_XDP_PERMISSION
 */
export function loadSteering(kernel: Kernel, options: SteeringOptions): SteeringProgram {
  const rules = checkRules(options.rules);
  const { queues } = options;
  if (!Number.isInteger(queues) || queues < 1 || queues > XDP_MAX_QUEUE_ID + 1) {
    throw new XdpError("ERR_XDP_ARGUMENT", `queues ${String(queues)} is not from 1 to 65536.`);
  }
  const object = steerObject();
  const mapEntries = { [STEER_ABI.maps.sockets]: queues };
  const program = new SteeringProgram(kernel, kernel.loadProgram({ object, mapEntries }));
  try {
    program.setRules(rules);
  } catch (error) {
    closeAfter(error, program);
    throw error;
  }
  return program;
}

function closeAfter(error: unknown, program: SteeringProgram): void {
  try {
    program.close();
  } catch (met) {
    if (isXdpError(error)) error.suppressed.push(met);
  }
}
