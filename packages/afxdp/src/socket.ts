import type { AttachedMode } from "@afxdp/bpf";
import { type ReadySocket, XdpSocket } from "@afxdp/driver";
import type { SocketProgram, Steered } from "./steered.js";

/** What was negotiated with the kernel. */
export interface SocketMode {
  /**
   * Where the XDP program runs: in the driver, in the generic path, on the card, or nowhere for a socket that only sends.
   * `"foreign"` when somebody else attached it.
   */
  readonly xdp: AttachedMode | "foreign" | "none";
  /** Whether packets reach the socket without a copy. */
  readonly zeroCopy: boolean;
  /** Why it is copy mode, where zero copy was tried. */
  readonly copyReason: string | undefined;
  /** Whether a packet may take several frames. */
  readonly multiBuffer: boolean;
}

/** A socket with its program: what the builder opens. Closing it detaches the program first. */
export class Socket extends XdpSocket {
  readonly mode: SocketMode;
  /** The program that steers packets here; `setRules` changes what it selects. None for a socket that only sends. */
  readonly program: SocketProgram | undefined;

  /** @internal */
  constructor(ready: ReadySocket, steered: Steered | undefined) {
    super(ready);
    this.program = steered?.program;
    this.mode = {
      xdp: steered === undefined ? "none" : (steered.mode ?? "foreign"),
      zeroCopy: ready.zeroCopy,
      copyReason: ready.copyReason,
      multiBuffer: ready.multiBuffer,
    };
  }
}
