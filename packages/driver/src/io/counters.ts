/** Counts since the socket was opened. */
export interface Counters {
  /** Packets and bytes handed to the application. */
  readonly rxPackets: number;
  readonly rxBytes: number;
  /** Packets that the kernel has taken from the tx ring and completed. */
  readonly txPackets: number;
  /** Packets put into the tx ring. */
  readonly txQueued: number;
  /** Received descriptors that were refused: foreign address, frame not with the kernel, impossible length. */
  readonly rxInvalid: number;
  /** Completions that were refused: foreign address, or a frame that was not being sent. */
  readonly invalidCompletions: number;
  /** Native calls to send, and how many of them found the driver or the completion ring busy (EAGAIN, ENOBUFS). */
  readonly txKicks: number;
  readonly txRetries: number;
  /** Kicks that the driver answered with EBUSY: it dropped a packet. */
  readonly txDropped: number;
  /** Kicks that found the link down; what was queued stays queued. */
  readonly linkDown: number;
  /** Native calls because the driver asked to be woken for receiving. */
  readonly rxKicks: number;
}

/** The same, to be counted in. */
export class MutableCounters implements Counters {
  rxPackets = 0;
  rxBytes = 0;
  txPackets = 0;
  txQueued = 0;
  rxInvalid = 0;
  invalidCompletions = 0;
  txKicks = 0;
  txRetries = 0;
  txDropped = 0;
  linkDown = 0;
  rxKicks = 0;
}
