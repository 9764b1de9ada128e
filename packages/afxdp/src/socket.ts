import type { AttachedMode, SteeringProgram } from "@afxdp/bpf";
import { type ReadySocket, XdpSocket } from "@afxdp/driver";

/** What was negotiated with the kernel. */
export interface SocketMode {
  /** Where the XDP program runs: in the driver, in the generic path, on the card, or nowhere for a socket that only sends. */
  readonly xdp: AttachedMode | "none";
  /** Whether packets reach the socket without a copy. */
  readonly zeroCopy: boolean;
}

/** The program of an open socket, as far as it can be used beside it: the socket attaches and closes it. */
export type SocketProgram = Pick<SteeringProgram, "id" | "name" | "rules" | "setRules">;

/** A socket with its program: what the builder opens. Closing it detaches the program first. */
export class Socket extends XdpSocket {
  readonly mode: SocketMode;
  /** The program that steers packets here; `setRules` changes what it selects. None for a socket that only sends. */
  readonly program: SocketProgram | undefined;

  /** @internal */
  constructor(
    ready: ReadySocket,
    program: SocketProgram | undefined,
    xdp: AttachedMode | undefined,
  ) {
    super(ready);
    this.program = program;
    this.mode = { xdp: xdp ?? "none", zeroCopy: ready.zeroCopy };
  }
}
