import { type AbortSignalLike, isXdpError, type Kernel, throwFirst } from "@afxdp/core";
import { pause } from "../setup/pause.js";
import type { Target } from "../setup/target.js";
import { type InterfaceEvent, type InterfaceWatch, watchInterface } from "./watch-interface.js";

/** What is kept open: an XdpSocket, or whatever has one. */
export interface KeptSocket {
  readonly target: Pick<Target, "interfaceName" | "interfaceIndex">;
  close(): Promise<unknown>;
}

/** How a socket is kept open. Callbacks are called from the event loop; what they throw ends the keeping. */
export interface KeepOpenOptions<Socket extends KeptSocket> {
  /**
   * Takes each socket that was opened. It may return the promise of a receiving loop: when that ends with
   * ERR_XDP_DEVICE_GONE, the socket is opened anew; with any other error it ends the keeping.
   */
  readonly onOpen: (socket: Socket) => void | Promise<void>;
  readonly onLinkDown?: (socket: Socket) => void;
  readonly onLinkUp?: (socket: Socket) => void;
  /** The socket is closed afterwards. */
  readonly onDeviceGone?: (socket: Socket) => void;
  /** Hears of every error: attempts that failed, a gone socket that did not close well, and what ended the keeping. */
  readonly onError?: (error: unknown) => void;
  /** `"whenBack"`, the default: opens anew when a device of that name is there and its link is up. */
  readonly reopen?: "never" | "whenBack";
  /** Attempts to open anew each time the device is back; 5 when absent. */
  readonly maxAttempts?: number;
  /** The pause after the first attempt that failed, in milliseconds, doubled after each; 50 when absent. */
  readonly backOffMs?: number;
  /** Closes it when it is aborted. */
  readonly signal?: AbortSignalLike | undefined;
}

/** Attempts to open anew, and the pause after the first in milliseconds, where options do not say. */
export const DEFAULT_ATTEMPTS = 5;
const DEFAULT_BACK_OFF_MS = 50;
/** The longest pause between attempts, in milliseconds. */
export const LONGEST_PAUSE_MS = 10_000;

/** Opens a socket; `signal` is aborted when it is not wanted any more. */
export type OpenSocket<Socket extends KeptSocket> = (signal: AbortSignal) => Promise<Socket>;

/** Keeps a socket open: see `keepOpen`, which makes it. */
export class SocketKeeper<Socket extends KeptSocket> implements AsyncDisposable {
  /**
   * Resolves when it is closed, or the device is gone and not waited for; rejects with the error that ended it. Without
   * `onError` that is an unhandled rejection when nobody looks at it.
   */
  readonly ended: Promise<void>;
  readonly #open: OpenSocket<Socket>;
  readonly #options: KeepOpenOptions<Socket>;
  readonly #abort: AbortController;
  readonly #watch: InterfaceWatch;
  #socket: Socket | undefined;
  /** Indexes of devices that went since the last attempt to open began. */
  readonly #gone: Set<number> = new Set();
  readonly #errors: unknown[] = [];
  #over = false;
  #wake: () => void = () => undefined;

  constructor(
    kernel: Kernel,
    first: Socket,
    open: OpenSocket<Socket>,
    options: KeepOpenOptions<Socket>,
    abort: AbortController,
  ) {
    this.#open = open;
    this.#options = options;
    this.#abort = abort;
    this.#socket = first;
    const { interfaceIndex } = first.target;
    this.#watch = watchInterface(kernel, first.target, (event) => this.#onEvent(event), {
      onError: (error) => this.#fail(error),
    });
    const { state, interfaceIndex: index } = this.#watch;
    if (state === "gone" || index !== interfaceIndex) this.#gone.add(interfaceIndex);
    abort.signal.addEventListener("abort", () => this.#wake());
    this.ended = this.#keep();
    if (options.onError !== undefined) this.ended.catch(() => undefined);
  }

  /** The socket that is open now; nothing while the device is gone. */
  get socket(): Socket | undefined {
    return this.#socket;
  }

  /**
   * Closes the socket and ends the watch. Every call gives the same promise.
   *
   * @throws what ended the keeping before, or what closing the socket threw
   */
  close(): Promise<void> {
    this.#abort.abort();
    return this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get #ending(): boolean {
    return this.#abort.signal.aborted;
  }

  /** Hands out a socket, waits until its device is gone, closes it, waits for the device, opens anew; until it ends. */
  async #keep(): Promise<void> {
    try {
      while (this.#socket !== undefined && !this.#ending) {
        const socket = this.#socket;
        this.#handOut(socket);
        await this.#until(() => this.#gone.has(socket.target.interfaceIndex));
        if (this.#ending) break;
        await this.#letGo(socket);
        if (this.#options.reopen !== "never") await this.#openAnew();
      }
    } catch (error) {
      this.#fail(error);
    }
    this.#abort.abort();
    this.#watch.close();
    const last = this.#socket;
    this.#socket = undefined;
    try {
      await last?.close();
    } catch (error) {
      this.#fail(error);
    }
    this.#over = true;
    throwFirst(this.#errors);
  }

  #handOut(socket: Socket): void {
    const done = this.#options.onOpen(socket);
    Promise.resolve(done).catch((error: unknown) => {
      const code = isXdpError(error) ? error.code : undefined;
      const over = this.#ending || this.#socket !== socket;
      if (code === "ERR_XDP_DEVICE_GONE") {
        // The socket knows for sure, also when the event was lost.
        if (!over) this.#gone.add(socket.target.interfaceIndex);
        this.#wake();
      } else if (!over || (code !== "ERR_XDP_CLOSED" && code !== "ERR_XDP_ABORTED")) {
        this.#fail(error);
      }
    });
  }

  async #letGo(socket: Socket): Promise<void> {
    this.#socket = undefined;
    try {
      this.#options.onDeviceGone?.(socket);
    } catch (error) {
      this.#fail(error);
    }
    try {
      await socket.close();
    } catch (error) {
      this.#options.onError?.(error);
    }
  }

  /** Opens a socket once the device is back and its link is up, in as many attempts as there may be. */
  async #openAnew(): Promise<void> {
    const { maxAttempts = DEFAULT_ATTEMPTS, backOffMs = DEFAULT_BACK_OFF_MS } = this.#options;
    for (let attempt = 1; ; attempt++) {
      await this.#until(() => this.#watch.state === "up");
      if (this.#ending) return;
      this.#gone.clear();
      try {
        this.#socket = await this.#open(this.#abort.signal);
        return;
      } catch (error) {
        if (this.#ending) return;
        // The device went again: that is no failure to open it.
        if (this.#gone.size > 0) attempt = 0;
        else if (attempt >= maxAttempts) throw error;
        this.#options.onError?.(error);
      }
      await this.#pause(Math.min(backOffMs * 2 ** Math.max(attempt - 1, 0), LONGEST_PAUSE_MS));
    }
  }

  async #pause(ms: number): Promise<void> {
    try {
      await pause(ms, this.#abort.signal);
    } catch {
      // Aborted, which ends it.
    }
  }

  /** Waits until a condition holds that events change, or until it ends. */
  async #until(holds: () => boolean): Promise<void> {
    while (!holds() && !this.#ending) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #onEvent({ kind, interfaceIndex }: InterfaceEvent): void {
    if (kind === "deviceGone") this.#gone.add(interfaceIndex);
    const { onLinkDown, onLinkUp } = this.#options;
    const socket = this.#socket;
    try {
      if (socket?.target.interfaceIndex === interfaceIndex) {
        if (kind === "linkDown") onLinkDown?.(socket);
        if (kind === "linkUp") onLinkUp?.(socket);
      }
    } catch (error) {
      this.#fail(error);
    }
    this.#wake();
  }

  #fail(error: unknown): void {
    // `ended` has told all that it can: what comes later is an unhandled rejection.
    if (this.#over && this.#options.onError === undefined) throw error;
    this.#errors.push(error);
    this.#abort.abort();
    try {
      this.#options.onError?.(error);
    } catch (another) {
      this.#errors.push(another);
    }
  }
}
