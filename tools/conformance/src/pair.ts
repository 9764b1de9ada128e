import type { Kernel } from "@afxdp/core";

/** One end of a pair: an interface, and the kernel that it belongs to. */
export interface End {
  readonly kernel: Kernel;
  readonly interfaceName: string;
  /** Moves the calling thread to where the interface is (its network namespace); returns what moves it back. */
  enter(): () => void;
}

/**
 * Two interfaces that are connected: what one sends, the other receives. The hooks change the devices; where a pair
 * does not offer one, the cases that need it are skipped.
 */
export interface Pair {
  readonly a: End;
  readonly b: End;
  /** Sets the MTU of one end's interface. */
  readonly setMtu?: (end: End, mtu: number) => void;
  /** Takes one end's interface up or down. */
  readonly setUp?: (end: End, up: boolean) => void;
  /**
   * Has the stack of end `a` send a packet to a MAC address of end `b`, with a VLAN tag that lies beside the packet
   * (and not in its bytes) when it arrives. Returns the tag.
   */
  readonly sendTagged?: (destination: string) => number;
  /** Calls `body` with at least that many bytes of free huge pages of 2 MiB, and restores their number afterwards. */
  readonly withHugePages?: <T>(bytes: number, body: () => T) => T;
  /** Makes another pair of the same kind whose devices may be broken. The caller closes it. */
  readonly disposable?: () => DisposablePair;
}

/** A pair whose devices may be removed. */
export interface DisposablePair extends Pair {
  /** Removes both interfaces. */
  remove(): void;
  close(): void;
}

/** Calls `body` in the network namespace of an end. */
export function inside<T>(end: End, body: () => T): T {
  const leave = end.enter();
  try {
    return body();
  } finally {
    leave();
  }
}
