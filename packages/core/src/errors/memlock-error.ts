import { XdpSystemError } from "./system-error.js";

/** ERR_XDP_MEMLOCK with the numbers: what the UMEM needs, and what the process may lock. */
export class XdpMemlockError extends XdpSystemError {
  /** Bytes that the UMEM's pages count. Other sockets of the user count against the limit, too. */
  readonly needed: number;
  /** RLIMIT_MEMLOCK in bytes. */
  readonly allowed: number;

  constructor(needed: number, allowed: number, errno: number) {
    super({
      step: "umem",
      syscall: "setsockopt(XDP_UMEM_REG)",
      errno,
      code: "ERR_XDP_MEMLOCK",
      given: `${needed} bytes, where the process may lock ${allowed}`,
      hint: `Raise the limit to ${Math.ceil(needed / 1024)} KiB or more (ulimit -l, LimitMEMLOCK=), or grant CAP_IPC_LOCK.`,
    });
    this.needed = needed;
    this.allowed = allowed;
  }
}
