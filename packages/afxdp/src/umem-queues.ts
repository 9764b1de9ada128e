import type { Sequence } from "@afxdp/core";
import type { Target } from "@afxdp/driver";
import type { Umem } from "@afxdp/umem";

interface Place {
  readonly target: Target;
  readonly sequence: Sequence;
}

/** Where the sockets of a UMEM are. */
const places = new WeakMap<Umem, Place[]>();

/** Notes a socket that was opened; it counts until its sequence is closed. */
export function noteQueue(umem: Umem, target: Target, sequence: Sequence): void {
  const open = queuesOf(umem);
  places.set(umem, [...open, { target, sequence }]);
}

/** The places of a UMEM's sockets that are open. */
export function queuesOf(umem: Umem): readonly Place[] {
  return (places.get(umem) ?? []).filter(({ sequence }) => !sequence.closed);
}
