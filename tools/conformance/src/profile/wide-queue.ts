import { ERRNO, XDP_COPY, XdpSystemError } from "@afxdp/core";
import type { Bench } from "../bench.js";
import { bindXsk } from "../socket/bind.js";

const WIDE = 65_536;

/** Whether a bind to a queue above 16 bits takes another queue, instead of failing. */
export function probeWideQueue(bench: Bench): boolean {
  const { b } = bench.pair;
  const xsk = bench.unbound(b, { memory: bench.memory(b), rx: 64, queue: WIDE });
  try {
    bindXsk(xsk, XDP_COPY);
    return true;
  } catch (error) {
    if (error instanceof XdpSystemError && error.errno === ERRNO.EINVAL) return false;
    throw error;
  }
}
