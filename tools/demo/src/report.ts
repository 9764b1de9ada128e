import { readdirSync } from "node:fs";
import type { FrameCounts, SocketMode } from "afxdp";

/** What the responder tells when it has closed its socket. */
export interface Report {
  readonly answered: { readonly arp: number; readonly icmp: number; readonly udp: number };
  readonly before: FrameCounts;
  readonly after: FrameCounts;
  readonly txDropped: number;
  readonly txKicks: number;
  readonly rxInvalid: number;
  readonly rxDropped: number;
  /** Descriptors open now and not before the socket was opened. */
  readonly leaked: number;
}

/** A message of the responder. */
export type Message = { readonly ready: SocketMode } | { readonly report: Report };

export function reportToParent(message: Message): void {
  process.send?.(message);
}

/** Open descriptors of this process. */
export function openDescriptors(): number {
  return readdirSync("/proc/self/fd").length;
}
