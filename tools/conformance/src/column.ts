import { XDP_FLAGS_DRV_MODE, XDP_FLAGS_SKB_MODE } from "@afxdp/core";

/** Where the XDP program runs and how packets move: generic and copied, in the driver and copied, without a copy. */
export type Mode = "SKB" | "DRV" | "ZC";

/** Who looks for packets: the interrupt, or the application by its system calls (SO_PREFER_BUSY_POLL). */
export type Wait = "interrupt" | "busy poll";

/** What all cases are run with: a column of the table. */
export interface Column {
  readonly mode: Mode;
  readonly wait: Wait;
}

export const MODES: readonly Mode[] = ["SKB", "DRV", "ZC"];
export const WAITS: readonly Wait[] = ["interrupt", "busy poll"];

/** All columns in the order of the table. */
export const COLUMNS: readonly Column[] = MODES.flatMap((mode) =>
  WAITS.map((wait) => ({ mode, wait })),
);

/** A column's name in messages: `"DRV, busy poll"`. */
export function columnName({ mode, wait }: Column): string {
  return `${mode}, ${wait}`;
}

/** How a mode's program is attached: XDP_FLAGS_*. */
export function attachFlags(mode: Mode): number {
  return mode === "SKB" ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE;
}
