import {
  ERRNO,
  XDP_COPY,
  XDP_SHARED_UMEM,
  XDP_USE_NEED_WAKEUP,
  XDP_USE_SG,
  XDP_ZEROCOPY,
  XdpSystemError,
} from "@afxdp/core";
import type { Mode } from "../column.js";
import { inside } from "../pair.js";
import { nap } from "../traffic/until.js";
import type { Xsk } from "./xsk.js";

const ATTEMPTS = 1500;

/** The flags that most cases bind with: the mode by name, need-wakeup, and scattered packets where they are long. */
export function bindFlags(mode: Mode, mtu: number): number {
  return (
    XDP_USE_NEED_WAKEUP |
    (mode === "ZC" ? XDP_ZEROCOPY : XDP_COPY) |
    (mtu > STANDARD_MTU ? XDP_USE_SG : 0)
  );
}

export const STANDARD_MTU = 1500;

/**
 * Binds a socket to its queue. A socket that had the queue before may have been closed a moment ago: the kernel frees
 * a queue some 40 ms later, so EBUSY is tried again for up to three seconds.
 */
export function bindXsk(xsk: Xsk, flags: number, shared?: Xsk): void {
  for (let attempt = 1; ; attempt++) {
    try {
      bindOnce(xsk, shared === undefined ? flags : XDP_SHARED_UMEM, xsk.queue, shared);
      return;
    } catch (error) {
      const busy = error instanceof XdpSystemError && error.errno === ERRNO.EBUSY;
      if (!busy || attempt === ATTEMPTS) throw error;
      nap(2);
    }
  }
}

/** Binds a socket once, with exactly these flags. */
export function bindOnce(xsk: Xsk, flags: number, queueId: number, shared?: Xsk): void {
  const { kernel, interfaceName } = xsk.end;
  inside(xsk.end, () => {
    kernel.bind(xsk.fd, {
      flags,
      interfaceIndex: kernel.interfaceState(interfaceName).index,
      queueId,
      sharedUmemFd: shared?.fd ?? 0,
    });
  });
}
