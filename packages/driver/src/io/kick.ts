import { ERRNO, XdpSystemError, XSK_TX_BATCH } from "@afxdp/core";
import type { DescriptorProducer } from "@afxdp/ring";
import type { SendingIo } from "./sending-io.js";

/** Calls of sendto that `packets` take: integer arithmetic, since a quotient would be boxed in every batch. */
function kicksFor(packets: number): number {
  return ((packets + XSK_TX_BATCH - 1) / XSK_TX_BATCH) | 0;
}

/** Kicks without any progress before the driver is left alone until the next flush. */
const PATIENCE = 4;

/**
 * Kicks until the consumer index says that the tx ring is empty, taking back completions in between, since a full
 * completion ring stops sending. The answer of a kick alone never decides: the kernel stops with success after an
 * invalid descriptor and with EAGAIN after 32 good ones. Returns what is left in the ring.
 *
 * @throws XdpSystemError ERR_XDP_DEVICE_GONE on ENXIO; for any errno that is not of the everyday ones
 */
export function drainTx(io: SendingIo, tx: DescriptorProducer): number {
  const { kernel, fd, counters } = io;
  let left = tx.pending();
  let patience = PATIENCE;
  // No peer can make it more: each round takes a descriptor, brings a frame back, or costs patience.
  for (let round = 2 * tx.size + PATIENCE; round > 0 && left > 0 && tx.needsWakeup(); round--) {
    counters.txKicks++;
    const result = kernel.kickTx(fd, kicksFor(left));
    const reaped = io.reap();
    const before = left;
    left = tx.pending();
    switch (result) {
      case 0:
      case -ERRNO.EINTR:
        break;
      case -ERRNO.EBUSY:
        counters.txDropped++;
        break;
      case -ERRNO.EAGAIN:
      case -ERRNO.ENOBUFS:
        counters.txRetries++;
        break;
      case -ERRNO.ENETDOWN:
        counters.linkDown++;
        return left;
      default:
        throw new XdpSystemError({ step: "kick", syscall: "sendto", errno: result });
    }
    if (left === before && reaped === 0 && --patience === 0) return left;
  }
  io.reap();
  return left;
}
