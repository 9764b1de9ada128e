import type { Fd } from "@afxdp/core";
import type { AttachMode, AttachOptions } from "../attach/attach-options.js";
import type { Attachment } from "../attach/attachment.js";

/** Where the sockets of an interface's queues are entered, so that a program can redirect packets to them. */
export interface SocketMap {
  /** The kernel's id, as `bpftool` shows it: of the program where there is one, else of the map. */
  readonly id: number;
  readonly name: string;
  /**
   * Puts a socket at its queue, instead of the one that was there. The kernel takes the entry out when the socket is
   * released.
   *
   * @throws XdpError ERR_XDP_QUEUE_ID, ERR_XDP_CLOSED, ERR_XDP_MAP_FULL when the map has no entry for the queue;
   *   all of them before any system call
   */
  enter(queueId: number, socket: Fd): void;
  /** Takes a queue's socket out. A queue whose socket is gone already is no error. Throws as `enter`. */
  leave(queueId: number): void;
  /** Closes our descriptors. What was pinned, and what is somebody else's, stays. Idempotent. */
  close(): void;
}

/** A program with its XSKMAP: what `loadSteering`, `loadObject` and `useProgram` give. */
export interface XdpProgram extends SocketMap {
  /** The program's descriptor; closed by `close`. */
  readonly program: Fd;
  /** Attaches the program to an interface: {@link attachProgram}. `close` closes the attachment, too. */
  attach(
    interfaceIndex: number,
    interfaceName: string,
    options?: AttachMode | AttachOptions,
  ): Attachment;
}
