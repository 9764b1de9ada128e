import {
  type InterfaceFeatures,
  type InterfaceSetting,
  type ProgramImage,
  runAll,
} from "@afxdp/core";
import { attachFlags, type Column, type Mode, type Wait } from "./column.js";
import { redirectObject } from "./generated/redirect.js";
import { Skip } from "./outcome.js";
import { type End, inside, type Pair } from "./pair.js";
import type { Profile } from "./profile/profile.js";
import { Program } from "./program/program.js";
import { bindFlags, bindXsk, STANDARD_MTU } from "./socket/bind.js";
import { type MemoryOptions, PacketMemory } from "./socket/packet-memory.js";
import type { Pool } from "./socket/pool.js";
import { Xsk } from "./socket/xsk.js";
import { BATCH } from "./traffic/packets.js";

/** Entries of the rings of most cases. */
export const RING = 2048;

/** What a case asks of a socket; what is absent is as in most cases. */
export interface SocketOptions {
  /** Of the socket that shares it, when one does. */
  readonly memory: PacketMemory;
  /** 0 when absent. */
  readonly queue?: number;
  /** Entries of the rings; 0 for none. `rx` and `tx` are 0 when absent, the others 2048. */
  readonly rx?: number;
  readonly tx?: number;
  readonly fill?: number;
  readonly completion?: number;
  /** Binds with exactly these flags. */
  readonly flags?: number;
  /** The pool of another socket on the same queue. */
  readonly pool?: Pool;
  /** The socket whose UMEM this one shares. */
  readonly shared?: Xsk;
  /** Descriptors that one busy poll looks at. */
  readonly budget?: number;
}

const BUSY_POLL_US = 20;
const NAPI: Readonly<Record<InterfaceSetting, number>> = {
  napi_defer_hard_irqs: 2,
  gro_flush_timeout: 200_000,
};

/** What one run of one case works with. All that it makes is undone afterwards, in reverse. */
export class Bench {
  readonly pair: Pair;
  readonly mode: Mode;
  readonly wait: Wait;
  readonly #profile: Profile | undefined;
  readonly #undo: (() => void)[] = [];
  #mtu = STANDARD_MTU;

  constructor(pair: Pair, column: Column, profile?: Profile) {
    this.pair = pair;
    this.mode = column.mode;
    this.wait = column.wait;
    this.#profile = profile;
  }

  /** Where this kernel differs from others. */
  get profile(): Profile {
    if (this.#profile === undefined) throw new Error("There is no profile yet.");
    return this.#profile;
  }

  /** The MTU that sockets are bound for. */
  get mtu(): number {
    return this.#mtu;
  }

  /** Notes what undoes something. */
  defer(undo: () => void): void {
    this.#undo.push(undo);
  }

  /** Undoes everything; throws the first error after trying each. */
  close(): void {
    runAll(this.#undo.splice(0).reverse());
  }

  /** Runs `body` on a bench of its own, and undoes what it did. */
  nested(body: (bench: Bench) => void): void {
    const own = new Bench(this.pair, this, this.#profile);
    own.#mtu = this.#mtu;
    this.defer(() => own.close());
    body(own);
    own.close();
  }

  /** Ends the case as one that cannot be run here. */
  skip(reason: string): never {
    // The messages of errors end with a full stop.
    throw new Skip(reason.replace(/\.$/, ""));
  }

  /** Sets the MTU of both ends for this case. */
  setMtu(mtu: number): void {
    if (mtu > STANDARD_MTU && this.#profile?.multiBuffer === false) {
      this.skip("no packets of several buffers here (bind with XDP_USE_SG is refused)");
    }
    for (const end of [this.pair.a, this.pair.b]) this.#setMtuOf(end, mtu);
    this.#mtu = mtu;
  }

  /** What an end's driver says that it can do. */
  features(end: End): InterfaceFeatures {
    const { kernel, interfaceName } = end;
    return inside(end, () => kernel.interfaceFeatures(kernel.interfaceState(interfaceName).index));
  }

  /** Sets the NAPI of both ends for busy polling, when that is the column. */
  prepareWait(): void {
    if (this.wait !== "busy poll") return;
    for (const end of [this.pair.a, this.pair.b]) {
      for (const [setting, value] of Object.entries(NAPI)) {
        this.#setNapi(end, setting as InterfaceSetting, value);
      }
    }
  }

  memory(end: End, options: MemoryOptions = {}): PacketMemory {
    const memory = new PacketMemory(end.kernel, options);
    this.defer(() => memory.close());
    return memory;
  }

  /** Loads a program and attaches it in the column's mode. */
  program(end: End, image: Partial<ProgramImage> = {}): Program {
    const program = new Program(
      end,
      { object: redirectObject(), ...image },
      attachFlags(this.mode),
    );
    this.defer(() => program.close());
    return program;
  }

  /** Makes a socket that is not bound yet. */
  unbound(end: End, options: SocketOptions): Xsk {
    const { queue = 0, rx = 0, tx = 0, fill = RING, completion = RING } = options;
    const { memory, pool, shared } = options;
    const xsk = new Xsk({
      end,
      memory,
      queue,
      rx,
      tx,
      fill,
      completion,
      ...(pool && { pool }),
      ...(shared && { shared }),
    });
    this.defer(() => xsk.close());
    return xsk;
  }

  /** Makes a socket and binds it in the column's mode. */
  socket(end: End, options: SocketOptions): Xsk {
    const xsk = this.unbound(end, options);
    bindXsk(xsk, options.flags ?? bindFlags(this.mode, this.#mtu), options.shared);
    if (this.wait === "busy poll") this.#pollBusily(xsk, options.budget ?? BATCH);
    return xsk;
  }

  /** Makes another socket on the same queue and UMEM, with the fill and completion ring of the first. */
  sibling(first: Xsk, rings: Pick<SocketOptions, "rx" | "tx">): Xsk {
    const { memory, pool, queue } = first;
    return this.socket(first.end, { memory, pool, queue, shared: first, ...rings });
  }

  #pollBusily({ end: { kernel }, fd }: Xsk, budget: number): void {
    kernel.setSocketOption(fd, "SO_PREFER_BUSY_POLL", 1);
    kernel.setSocketOption(fd, "SO_BUSY_POLL", BUSY_POLL_US);
    kernel.setSocketOption(fd, "SO_BUSY_POLL_BUDGET", budget);
  }

  #setMtuOf(end: End, mtu: number): void {
    const { setMtu } = this.pair;
    const { kernel, interfaceName } = end;
    const before = inside(end, () => kernel.interfaceState(interfaceName).mtu);
    if (before === mtu) return;
    if (setMtu === undefined) {
      this.skip(`needs an MTU of ${mtu}, ${interfaceName} has ${before}`);
    }
    this.defer(() => setMtu(end, before));
    setMtu(end, mtu);
  }

  #setNapi(end: End, setting: InterfaceSetting, value: number): void {
    const { kernel, interfaceName } = end;
    const before = inside(end, () => kernel.interfaceSetting(interfaceName, setting));
    this.defer(() => inside(end, () => kernel.setInterfaceSetting(interfaceName, setting, before)));
    inside(end, () => kernel.setInterfaceSetting(interfaceName, setting, value));
  }
}
