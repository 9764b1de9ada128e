import type { AttachedMode } from "@afxdp/bpf";
import { type ReadySocket, XdpSocket } from "@afxdp/driver";
import type { SocketProgram, Steered } from "./steered.js";
import { noteQueue } from "./umem-queues.js";

/** What was negotiated with the kernel, and does not change while the socket is open. */
export interface SocketMode {
  /**
   * Where the XDP program runs: in the driver (`drv`), in the generic path (`skb`), on the card (`hw`), or nowhere
   * (`none`) for a socket that only sends. `"foreign"` when somebody else attached it, where it runs is his to know.
   */
  readonly xdp: AttachedMode | "foreign" | "none";
  /** Whether packets reach the socket without a copy. */
  readonly zeroCopy: boolean;
  /** Why it is copy mode though zero copy was preferred: an errno's name, or words. Undefined where it was not tried. */
  readonly copyReason: string | undefined;
  /** Whether a packet may take several frames; of a socket that shares, as of its owner. */
  readonly multiBuffer: boolean;
}

/** A socket with its program: what the builder opens. Closing it detaches the program first. */
export class Socket extends XdpSocket {
  /** How it runs: what came of the options of `open`. */
  readonly mode: SocketMode;
  /**
   * The program that steers packets here; `setRules` changes what it selects for this socket. Undefined for a socket
   * that only sends. It is the socket's: closing the socket leaves it, and unloads it when no other socket uses it.
   */
  readonly program: SocketProgram | undefined;

  /** @internal */
  constructor(ready: ReadySocket, steered: Steered | undefined) {
    super(ready);
    noteQueue(this.umem, ready.target, ready.sequence);
    this.program = steered?.program;
    this.mode = {
      xdp: steered === undefined ? "none" : (steered.mode ?? "foreign"),
      zeroCopy: ready.zeroCopy,
      copyReason: ready.copyReason,
      multiBuffer: ready.multiBuffer,
    };
  }
}
