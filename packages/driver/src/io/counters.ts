/** Counts since the socket was opened; exact up to 2^53. */
export interface Counters {
  /** Packets and bytes handed to the application. */
  readonly rxPackets: number;
  readonly rxBytes: number;
  /**
   * Packets that the kernel has taken from the tx ring and completed. Of sockets that share a queue: those that this one
   * took back, so that the sum over them is right.
   */
  readonly txPackets: number;
  /** Packets put into the tx ring. */
  readonly txQueued: number;
  /** Received descriptors that were refused: foreign address, frame not with the kernel, impossible length. */
  readonly rxInvalid: number;
  /** Received packets in several frames that were refused as a whole: with an invalid frame, or without an end. */
  readonly rxBrokenChains: number;
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
  /** Refills of the fill ring that found fewer free frames than it wants. */
  readonly fillStarved: number;
}

/** The same, to be counted in. */
export class MutableCounters implements Counters {
  rxPackets = 0;
  rxBytes = 0;
  txPackets = 0;
  txQueued = 0;
  rxInvalid = 0;
  rxBrokenChains = 0;
  invalidCompletions = 0;
  txKicks = 0;
  txRetries = 0;
  txDropped = 0;
  linkDown = 0;
  rxKicks = 0;
  fillStarved = 0;
}
