/** Where kernels differ and all are right: found by trying, for one column, before its cases run. */
export interface Profile {
  /** Whether the address of an invalid tx descriptor comes back in the completion ring. */
  readonly invalidTxCompleted: boolean;
  /** Whether the valid descriptors of a packet do that was dropped for an invalid part. */
  readonly voidedTxCompleted: boolean;
  /** The greatest UMEM headroom for chunks of 2048 bytes. */
  readonly maxHeadroom2048: number;
  /** The greatest UMEM headroom for chunks of 4096 bytes. */
  readonly maxHeadroom4096: number;
}
