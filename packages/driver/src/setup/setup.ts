import {
  checkOptions,
  checkSignal,
  checkTimeout,
  type Fd,
  isXdpError,
  type Kernel,
  Sequence,
  throwFirst,
  throwIfAborted,
  type Undo,
  XDP_COPY,
  XDP_OPTIONS_ZEROCOPY,
  XDP_USE_NEED_WAKEUP,
} from "@afxdp/core";
import { checkRingSize } from "@afxdp/ring";
import { Umem, type UmemOptions } from "@afxdp/umem";
import { QueueRings } from "../io/queue-rings.js";
import { SocketIo } from "../io/socket-io.js";
import { drain } from "./drain.js";
import { closedProperly, closeOnExit, ownedNoMore, warnIfDropped } from "./exit.js";
import { type MappedRings, mapRings } from "./map-rings.js";
import { pause } from "./pause.js";
import type {
  BindOptions,
  NeedsBind,
  NeedsCompletion,
  NeedsFill,
  NeedsMap,
  NeedsMode,
  NeedsPrefill,
  NeedsRings,
  NeedsSocket,
  NeedsTxOrMap,
  NeedsUmem,
  ReadySocket,
} from "./stages.js";
import { resolveTarget, type Target } from "./target.js";

/** Pauses between attempts to bind to a busy queue, in milliseconds: a closed socket lets go within 50. */
const BACK_OFF_MS = [2, 4, 8, 16, 32];

/**
 * The set-up of one socket, a method for each step of the table; each makes its system calls at once. All stages
 * are this one object under different names: types let only the next step be called, and the sequence checks the
 * same at run time.
 */
class SocketSetup
  implements
    NeedsSocket,
    NeedsUmem,
    NeedsFill,
    NeedsCompletion,
    NeedsRings,
    NeedsTxOrMap,
    NeedsMap,
    NeedsPrefill,
    NeedsBind,
    NeedsMode
{
  readonly sequence: Sequence = new Sequence();
  readonly #kernel: Kernel;
  readonly #target: Target;
  #fd: Fd = -1;
  #umem: Umem | undefined;
  #fill = 0;
  #completion = 0;
  #rx: number | undefined;
  #tx: number | undefined;
  #rings: MappedRings | undefined;
  #io: SocketIo | undefined;

  constructor(kernel: Kernel, target: Target) {
    this.#kernel = kernel;
    this.#target = target;
  }

  socket(): this {
    this.#fd = openSocket(this.#kernel, this.sequence);
    const { interfaceName, queueId } = this.#target;
    warnIfDropped(this, this.sequence, `A set-up on ${interfaceName} queue ${queueId}`);
    return this;
  }

  umem(options: UmemOptions | Umem): this {
    this.sequence.check("umem");
    const umem = options instanceof Umem ? options : new Umem(options);
    umem.geometry.checkPageSize(this.#kernel.pageSize);
    umem.claim();
    this.sequence.perform("umem", () =>
      this.#kernel.registerUmem(this.#fd, umem.arena.bytes, {
        offset: umem.offset,
        length: umem.geometry.length,
        chunkSize: umem.geometry.frameSize,
        headroom: umem.geometry.headroom,
        flags: umem.geometry.flags,
        txMetadataLength: umem.geometry.txMetadataLength,
      }),
    );
    this.#umem = umem;
    return this;
  }

  fill(entries: number): this {
    this.#fill = this.#size("fill", entries);
    return this;
  }

  completion(entries: number): this {
    this.#completion = this.#size("completion", entries);
    return this;
  }

  rx(entries: number): this {
    this.#rx = this.#size("rx", entries);
    return this;
  }

  tx(entries: number): this {
    this.#tx = this.#size("tx", entries);
    return this;
  }

  map(): this {
    this.#rings = performMap(this.sequence, () =>
      mapRings(this.#kernel, this.#fd, (this.#umem as Umem).arena, {
        fill: this.#fill,
        completion: this.#completion,
        rx: this.#rx,
        tx: this.#tx,
      }),
    );
    return this;
  }

  prefill(): this {
    this.#io = performPrefill(this.sequence, () => {
      const { fill, completion, rx, tx } = (this.#rings as MappedRings).rings;
      const queue = new QueueRings(this.#umem as Umem, fill, completion);
      return new SocketIo(this.#kernel, this.#fd, queue, { rx, tx });
    });
    return this;
  }

  async bind(options: BindOptions = {}): Promise<this> {
    this.sequence.check("bind");
    checkOptions("bind", options, ["signal", "busyTimeoutMs"]);
    const { signal, busyTimeoutMs = 1000 } = options;
    checkSignal(signal);
    checkTimeout("busyTimeoutMs", busyTimeoutMs, 60_000);
    await this.sequence.performAsync("bind", async () => {
      const deadline = performance.now() + busyTimeoutMs;
      for (let attempt = 0; ; attempt++) {
        throwIfAborted(signal);
        try {
          this.#bindOnce();
          return;
        } catch (error) {
          const busy = isXdpError(error) && error.code === "ERR_XDP_QUEUE_BUSY";
          const left = deadline - performance.now();
          if (!busy || left <= 0) throw error;
          // The kernel lets go of a closed socket's queue later, so busy now may be free in a moment.
          await pause(Math.min(left, BACK_OFF_MS[attempt] ?? 32), signal);
          if (this.sequence.closed) return; // which performAsync reports
        }
      }
    });
    return this;
  }

  mode(): ReadySocket {
    const options = this.sequence.perform("mode", () => this.#kernel.options(this.#fd));
    const ready: ReadySocket = {
      sequence: this.sequence,
      target: this.#target,
      io: this.#io as SocketIo,
      fd: this.#fd,
      zeroCopy: (options & XDP_OPTIONS_ZEROCOPY) !== 0,
    };
    const { interfaceName, queueId } = this.#target;
    ownedNoMore(this.sequence);
    warnIfDropped(ready, this.sequence, `The AF_XDP socket on ${interfaceName} queue ${queueId}`);
    return ready;
  }

  async close(): Promise<void> {
    throwFirst(await this.sequence.close());
  }

  #size(ring: "fill" | "completion" | "rx" | "tx", entries: number): number {
    this.sequence.check(ring);
    const size = checkRingSize(entries, ring);
    if (ring === "fill") this.#umem?.geometry.checkFillRing(size);
    this.sequence.perform(ring, () => this.#kernel.setRingSize(this.#fd, ring, size));
    return size;
  }

  #bindOnce(): void {
    this.#kernel.bind(this.#fd, {
      flags: XDP_COPY | XDP_USE_NEED_WAKEUP,
      interfaceIndex: this.#target.interfaceIndex,
      queueId: this.#target.queueId,
      sharedUmemFd: 0,
    });
  }
}

/*
 * Steps with an undoing are performed out here: an undo that was made inside of the set-up would hold it for as long as
 * the sequence is open, and a set-up that is dropped could never be collected.
 */

function openSocket(kernel: Kernel, sequence: Sequence): Fd {
  const fd = sequence.perform(
    "socket",
    () => kernel.socket(),
    (opened) => () => {
      closedProperly(sequence);
      kernel.close(opened);
    },
  );
  closeOnExit(sequence);
  return fd;
}

function performMap(sequence: Sequence, map: () => MappedRings): MappedRings {
  return sequence.perform("map", map, undoMap);
}

function undoMap(mapped: MappedRings): Undo {
  return () => mapped.unmap();
}

function performPrefill(sequence: Sequence, make: () => SocketIo): SocketIo {
  return sequence.perform("prefill", () => prefilled(make()), undoPrefill);
}

function prefilled(io: SocketIo): SocketIo {
  io.refill();
  return io;
}

function undoPrefill(io: SocketIo): Undo {
  return (now) => drain(io, now);
}

/**
 * Begins the set-up of a socket on one queue of an interface: looks both up, changes nothing.
 *
 * @throws XdpError ERR_XDP_NO_DEVICE, ERR_XDP_QUEUE_ID
 */
export function beginSetup(kernel: Kernel, interfaceName: string, queueId: number): NeedsSocket {
  return new SocketSetup(kernel, resolveTarget(kernel, interfaceName, queueId));
}
