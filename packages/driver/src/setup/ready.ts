import type { Fd, Kernel, Sequence } from "@afxdp/core";
import type { SocketIo } from "../io/socket-io.js";
import { type BusyPollOptions, performBusyPoll } from "./busy-poll.js";
import type { MemoryOutcome } from "./memory.js";
import { ownedBy } from "./owner.js";
import type { UmemMode, UmemShare } from "./share.js";
import type { ReadySocket } from "./stages.js";
import type { Target } from "./target.js";

/** A set-up that has come to its end: see `ReadySocket`. */
export class ReadySetup implements ReadySocket {
  readonly kernel: Kernel;
  readonly sequence: Sequence;
  readonly target: Target;
  readonly io: SocketIo;
  readonly share: UmemShare;
  readonly fd: Fd;
  readonly zeroCopy: boolean;
  readonly copyReason: string | undefined;
  readonly multiBuffer: boolean;
  /** Held so that it is not collected, and closed then, before this one is. */
  readonly owner: ReadySocket | undefined;

  constructor(
    sequence: Sequence,
    target: Target,
    io: SocketIo,
    share: UmemShare,
    mode: UmemMode,
    owner: ReadySocket | undefined,
  ) {
    this.kernel = io.kernel;
    this.sequence = sequence;
    this.target = target;
    this.io = io;
    this.share = share;
    this.fd = io.fd;
    this.zeroCopy = mode.zeroCopy;
    this.copyReason = mode.copyReason;
    this.multiBuffer = mode.multiBuffer;
    this.owner = owner;
    ownedBy(this, this);
  }

  get memory(): MemoryOutcome {
    return this.share.memory;
  }

  busyPoll(options: BusyPollOptions): this {
    performBusyPoll(this.kernel, this.sequence, this.fd, this.target, options);
    return this;
  }
}
