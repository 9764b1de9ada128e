import {
  type AbortSignalLike,
  checkCount,
  checkOptions,
  checkSignal,
  type Kernel,
  type LinkEvent,
  runAll,
  throwIfAborted,
  XdpError,
} from "@afxdp/core";
import { checkInterfaceName, type Target } from "../setup/target.js";
import { hasDevice, lookUp } from "./identity.js";
import { followLinks } from "./link-monitor.js";
import { namespaceOf } from "./namespace.js";

/** What an interface is: its link is up (IFF_UP, with a carrier), or not, or there is no such device. */
export type LinkState = "up" | "down" | "gone";

/** A change of an interface. */
export interface InterfaceEvent {
  /**
   * `linkUp`, `linkDown`; `deviceGone`: it was removed or moved to another namespace; `deviceBack`: a device of that
   * name is there again. One that is back counts as down: `linkUp` follows.
   */
  readonly kind: "linkDown" | "linkUp" | "deviceGone" | "deviceBack";
  /** The name that is watched. */
  readonly interfaceName: string;
  /** The device's index; of one that is back, its new one. */
  readonly interfaceIndex: number;
}

/** Hears of changes. It may close the watch. */
export type InterfaceListener = (event: InterfaceEvent) => void;

/** What `watchInterface` can be given. */
export interface InterfaceWatchOptions {
  /** Closes the watch when it is aborted. */
  readonly signal?: AbortSignalLike | undefined;
  /** Hears that the kernel's events cannot be read any more; the watch is closed then. Otherwise that is thrown. */
  readonly onError?: (error: unknown) => void;
}

/** An interface by its name, or a device that once had this name and index, as `socket.target` has them. */
export type WatchedInterface = string | Pick<Target, "interfaceName" | "interfaceIndex">;

/** A running watch on an interface: see {@link watchInterface}, which makes it. */
export class InterfaceWatch implements Disposable {
  readonly interfaceName: string;
  readonly #kernel: Kernel;
  readonly #listener: InterfaceListener;
  readonly #namespace: bigint;
  readonly #options: InterfaceWatchOptions;
  readonly #onAbort = (): void => this.close();
  #index: number;
  #state: LinkState = "down";
  #stale = false;
  #closed = false;
  #unfollow: () => void;

  constructor(
    kernel: Kernel,
    watched: WatchedInterface,
    listener: InterfaceListener,
    options: InterfaceWatchOptions,
  ) {
    const byName = typeof watched === "string";
    this.interfaceName = byName ? watched : watched.interfaceName;
    this.#index = byName ? 0 : watched.interfaceIndex;
    this.#kernel = kernel;
    this.#listener = listener;
    this.#options = options;
    this.#namespace = namespaceOf(kernel);
    this.#unfollow = followLinks(kernel, {
      onEvent: (event) => this.#onEvent(event),
      onFailure: (error) => this.#onFailure(error),
    });
    try {
      // Only now, when no event can be missed any more.
      if (byName) this.#index = kernel.interfaceState(this.interfaceName).index;
      this.#look();
    } catch (error) {
      this.#unfollow();
      throw error;
    }
    options.signal?.addEventListener("abort", this.#onAbort);
  }

  /** What the interface is now, as far as events have told. */
  get state(): LinkState {
    return this.#state;
  }

  /** The index of the device that is watched; of one that is gone, the one that it had. */
  get interfaceIndex(): number {
    return this.#index;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Ends it; no event comes afterwards. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#unfollow();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #onEvent(event: LinkEvent): void {
    if (event.kind === "lost") this.#stale = true;
    // A name means another device in another namespace: looking is put off until the thread is in the right one.
    const looks = this.#stale && namespaceOf(this.#kernel) === this.#namespace;
    const changes = looks ? this.#look() : this.#take(event);
    runAll(
      changes.map((change) => () => {
        if (!this.#closed) this.#listener(change);
      }),
    );
  }

  #take({ kind, interfaceIndex, name, up, running }: LinkEvent): InterfaceEvent[] {
    const followed = this.#state !== "gone" && interfaceIndex === this.#index;
    if (kind === "lost") return [];
    if (kind === "removed") {
      if (!followed) return [];
      const gone = this.#gone();
      // Under another name when it went: then a device may have this one by now, and no event would tell.
      this.#stale = name !== this.interfaceName;
      return gone;
    }
    // A device that is followed keeps its index when it is renamed.
    const back = this.#state === "gone" && name === this.interfaceName;
    return followed || back ? this.#present(interfaceIndex, up && running) : [];
  }

  /** Asks for the state, where events do not tell it, and gives what has changed. */
  #look(): InterfaceEvent[] {
    this.#stale = false;
    const state = lookUp(this.#kernel, this.interfaceName);
    const followed = this.#state !== "gone";
    if (followed && state?.index !== this.#index) {
      if (hasDevice(this.#kernel, this.#index)) return [];
      const gone = this.#gone();
      return state === undefined ? gone : [...gone, ...this.#seen(state)];
    }
    return state === undefined ? [] : this.#seen(state);
  }

  #seen(state: {
    readonly index: number;
    readonly up: boolean;
    readonly running: boolean;
  }): InterfaceEvent[] {
    return this.#present(state.index, state.up && state.running);
  }

  #present(index: number, linkUp: boolean): InterfaceEvent[] {
    const changes: InterfaceEvent[] = [];
    if (this.#state === "gone") {
      this.#index = index;
      this.#state = "down";
      changes.push(this.#event("deviceBack"));
    }
    const state = linkUp ? "up" : "down";
    if (this.#state !== state) {
      this.#state = state;
      changes.push(this.#event(linkUp ? "linkUp" : "linkDown"));
    }
    return changes;
  }

  #gone(): InterfaceEvent[] {
    this.#state = "gone";
    return [this.#event("deviceGone")];
  }

  #event(kind: InterfaceEvent["kind"]): InterfaceEvent {
    return { kind, interfaceName: this.interfaceName, interfaceIndex: this.#index };
  }

  #onFailure(error: unknown): void {
    this.close();
    if (this.#options.onError === undefined) throw error;
    this.#options.onError(error);
  }
}

/**
 * Watches an interface: the listener hears when its link goes up or down, when the device is removed or moved to another
 * network namespace, and when a device of that name is there again. Sockets tell none of this: they fall silent. The
 * state is read when the watch has begun, so that nothing is missed; `state` has it, and only changes are told, each
 * once. A device that is renamed is followed.
 *
 * A name must be that of an interface in the calling thread's network namespace. A target may be gone already; then
 * `state` says so. All watches of a thread share one socket of rtnetlink. A watch keeps the process alive until it is
 * closed. What the listener throws goes the way of any error in a callback of the event loop, after all other
 * listeners were called.
 *
 * @throws XdpError ERR_XDP_NO_DEVICE, ERR_XDP_ARGUMENT, ERR_XDP_ABORTED, ERR_XDP_SYSCALL
 */
export function watchInterface(
  kernel: Kernel,
  watched: WatchedInterface,
  listener: InterfaceListener,
  options: InterfaceWatchOptions = {},
): InterfaceWatch {
  if (typeof watched === "object" && watched !== null) {
    checkInterfaceName(watched.interfaceName);
    checkCount("interfaceIndex", watched.interfaceIndex, 0x7fff_ffff);
  } else {
    checkInterfaceName(watched);
  }
  checkCallback("listener", listener);
  checkOptions("watchInterface", options, ["signal", "onError"]);
  checkSignal(options.signal);
  if (options.onError !== undefined) checkCallback("onError", options.onError);
  throwIfAborted(options.signal);
  return new InterfaceWatch(kernel, watched, listener, options);
}

function checkCallback(name: string, value: unknown): void {
  if (typeof value === "function") return;
  throw new XdpError("ERR_XDP_ARGUMENT", `${name} is not a function.`);
}
