import { type Fd, runAll } from "@afxdp/core";
import { DescriptorConsumer, DescriptorProducer } from "@afxdp/ring";
import { type End, inside } from "../pair.js";
import type { PacketMemory } from "./packet-memory.js";
import { Pool } from "./pool.js";
import { RingMaps } from "./ring-maps.js";

/** What a socket is made of. */
export interface XskOptions {
  readonly end: End;
  readonly queue: number;
  readonly memory: PacketMemory;
  /** Entries of the rings; none is made where it is 0. */
  readonly rx: number;
  readonly tx: number;
  readonly fill: number;
  readonly completion: number;
  /** The pool of another socket on the same queue, whose fill and completion ring serve this one, too. */
  readonly pool?: Pool;
  /** The socket that has registered the memory, when another has. */
  readonly shared?: Xsk;
}

/** An AF_XDP socket, not bound yet: its descriptor and the user's ends of its rings. */
export class Xsk {
  readonly end: End;
  readonly fd: Fd;
  readonly queue: number;
  readonly pool: Pool;
  readonly #rx: DescriptorConsumer | undefined;
  readonly #tx: DescriptorProducer | undefined;
  readonly #maps: RingMaps;
  #open = true;

  constructor(options: XskOptions) {
    const { end, memory, rx, tx, fill, completion, pool, shared } = options;
    const { kernel } = end;
    const { words } = memory.arena;
    this.end = end;
    this.queue = options.queue;
    this.fd = inside(end, () => kernel.socket());
    this.#maps = new RingMaps(kernel, this.fd, memory.arena);
    try {
      if (shared === undefined) memory.register(this.fd);
      this.pool = pool ?? new Pool(memory, this.#maps, { fill, completion });
      if (rx > 0) this.#rx = new DescriptorConsumer(words, this.#maps.add("rx", rx));
      if (tx > 0) this.#tx = new DescriptorProducer(words, this.#maps.add("tx", tx));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** The rx ring of a socket that was made with one. */
  get rx(): DescriptorConsumer {
    if (this.#rx === undefined) throw new Error("The socket has no rx ring.");
    return this.#rx;
  }

  /** The tx ring of a socket that was made with one. */
  get tx(): DescriptorProducer {
    if (this.#tx === undefined) throw new Error("The socket has no tx ring.");
    return this.#tx;
  }

  get memory(): PacketMemory {
    return this.pool.memory;
  }

  /** Unmaps its rings, then closes it. Idempotent. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    runAll([() => this.#maps.close(), () => this.end.kernel.close(this.fd)]);
  }
}
