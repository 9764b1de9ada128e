/** What this kernel has, and where kernels differ and all are right. Found by trying, never by a version. */
export interface Profile {
  /** Whether sockets can be bound for packets of several buffers (XDP_USE_SG). */
  readonly multiBuffer: boolean;
  /** Most tx descriptors of one packet: in copy mode one more than a packet of the kernel's stack has fragments. */
  readonly maxTxDescriptors: number;
  /** Whether a UMEM can have room for TX metadata. */
  readonly txMetadata: boolean;
  /** Whether the address of an invalid tx descriptor comes back in the completion ring, as Linux 6.18.44 has it. */
  readonly invalidTxCompleted: boolean;
  /** Whether the valid descriptors of a packet come back that was dropped for an invalid part. */
  readonly voidedTxCompleted: boolean;
  /**
   * Whether an invalid descriptor voids what follows up to its packet's end, too. If not, the next descriptor begins
   * a new packet.
   */
  readonly brokenTxDrained: boolean;
  /**
   * Whether the completion of a packet whose address is odd is the even address before it: in copy mode the kernel
   * keeps a mark in that bit.
   */
  readonly oddCompletionsRounded: boolean;
  /** Whether a bind to queue 65536 takes queue 0 instead of failing: the kernel keeps queue ids in 16 bits. */
  readonly wideQueueTruncated: boolean;
  /** The greatest UMEM headroom for chunks of 2048 bytes. */
  readonly maxHeadroom2048: number;
  /** The greatest UMEM headroom for chunks of 4096 bytes. */
  readonly maxHeadroom4096: number;
}
