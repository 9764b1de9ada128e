import type { Sequence } from "@afxdp/core";

/*
 * What is open in this thread. Held strongly, so that a forgotten socket is still closed when the process exits;
 * a Sequence does not hold the socket object itself, which the collector may take.
 */
const open = new Set<Sequence>();

/** Closes what is still open when the process or Worker exits; Node runs it after an uncaught error, too. */
function closeAll(): void {
  for (const sequence of open) sequence.closeNow();
  open.clear();
}

/** Has a sequence closed on exit, until `forget`. */
export function closeOnExit(sequence: Sequence): void {
  if (open.size === 0) process.on("exit", closeAll);
  open.add(sequence);
}

/** Ends `closeOnExit` for a sequence that is closed. */
export function forget(sequence: Sequence): void {
  if (open.delete(sequence) && open.size === 0) process.off("exit", closeAll);
}

const forgotten = new FinalizationRegistry<{ sequence: Sequence; what: string }>(
  ({ sequence, what }) => {
    if (sequence.closed) return;
    const errors = sequence.closeNow();
    process.emitWarning(`${what} was dropped without close(); it is closed now.`, {
      code: "AFXDP_NOT_CLOSED",
      type: "AfxdpWarning",
      ...(errors.length > 0 ? { detail: errors.map(String).join("\n") } : {}),
    });
    forget(sequence);
  },
);

/** Warns (AFXDP_NOT_CLOSED) and closes when `owner` is collected while its sequence is open. */
export function warnIfDropped(owner: object, sequence: Sequence, what: string): void {
  forgotten.register(owner, { sequence, what }, sequence);
}

/** Ends `warnIfDropped`: for a sequence that is closed, or that another owner has now. */
export function ownedNoMore(sequence: Sequence): void {
  forgotten.unregister(sequence);
}

/** Ends all watch over a sequence that is closed. */
export function closedProperly(sequence: Sequence): void {
  ownedNoMore(sequence);
  forget(sequence);
}
