import { XdpError } from "./xdp-error.js";

/** ERR_XDP_STATE: a call came out of order. `legal` names the calls that may come next. */
export class XdpOrderError extends XdpError {
  /** What was tried. */
  readonly attempted: string;
  /** What may come next, in order of the table of steps; empty when nothing may. */
  readonly legal: readonly string[];

  constructor(attempted: string, legal: readonly string[], why = "it is not its turn") {
    const next = legal.length === 0 ? "nothing more may follow" : `next: ${legal.join(" or ")}`;
    super("ERR_XDP_STATE", `${attempted}: ${why}; ${next}.`, {
      hint:
        legal.length === 0
          ? "Begin again with a new builder or set-up."
          : `Call ${legal.join(" or ")} next.`,
    });
    this.attempted = attempted;
    this.legal = legal;
  }
}
