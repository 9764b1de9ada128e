import { type Fd, type Kernel, type LinkEvent, POLLIN, runAll, type Watch } from "@afxdp/core";
import { namespaceOf } from "./namespace.js";

/** Who follows the links of a network namespace. */
export interface LinkFollower {
  onEvent(event: LinkEvent): void;
  /** Events cannot be read any more; none comes afterwards. */
  onFailure(error: unknown): void;
}

/** Reads in a row after events were lost; the kernel keeps some hundred events, and one read takes many. */
const MAX_ROUNDS = 64;

/**
 * One link monitor of the kernel for all who follow the links of a namespace in a thread: it is open while there are
 * any. It keeps the event loop alive, as every `Kernel.watch` does.
 */
class LinkMonitor {
  readonly followers: Set<LinkFollower> = new Set();
  readonly #kernel: Kernel;
  readonly #fd: Fd;
  readonly #watch: Watch;
  readonly #onClose: () => void;
  #closed = false;

  constructor(kernel: Kernel, onClose: () => void) {
    this.#kernel = kernel;
    this.#onClose = onClose;
    this.#fd = kernel.openLinkMonitor();
    try {
      this.#watch = kernel.watch(this.#fd, POLLIN, () => this.#read());
    } catch (error) {
      kernel.close(this.#fd);
      throw error;
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onClose();
    this.#watch.stop();
    this.#kernel.close(this.#fd);
  }

  /**
   * Takes what there is to tell. That events were lost is told last, when none is left that is older than the loss:
   * who looks at the state then sees what is newer than all that was told.
   */
  #take(): LinkEvent[] {
    const events = this.#kernel.readLinkEvents(this.#fd);
    const lost = events.find(({ kind }) => kind === "lost");
    if (lost === undefined) return events;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const more = this.#kernel.readLinkEvents(this.#fd);
      if (more.length === 0) break;
      events.push(...more);
    }
    return [...events.filter(({ kind }) => kind !== "lost"), lost];
  }

  #read(): void {
    // Who begins to follow in the midst of it has looked at the state already, which is newer than these events.
    const followers = [...this.followers];
    let events: LinkEvent[];
    try {
      events = this.#take();
    } catch (error) {
      this.followers.clear();
      this.close();
      runAll(followers.map((follower) => () => follower.onFailure(error)));
      return;
    }
    runAll(
      events.flatMap((event) =>
        followers.map((follower) => () => {
          if (this.followers.has(follower)) follower.onEvent(event);
        }),
      ),
    );
  }
}

/** The open monitors by namespace cookie. A Kernel belongs to a thread, and so do its monitors. */
const monitors = new WeakMap<Kernel, Map<bigint, LinkMonitor>>();

/**
 * Follows the links of the calling thread's network namespace, from now on: every change after the call is told.
 * Returns what ends it.
 *
 * @throws XdpError ERR_XDP_SYSCALL
 */
export function followLinks(kernel: Kernel, follower: LinkFollower): () => void {
  const namespace = namespaceOf(kernel);
  const open = monitors.get(kernel) ?? new Map<bigint, LinkMonitor>();
  monitors.set(kernel, open);
  const monitor = open.get(namespace) ?? new LinkMonitor(kernel, () => void open.delete(namespace));
  open.set(namespace, monitor);
  monitor.followers.add(follower);
  return () => {
    if (monitor.followers.delete(follower) && monitor.followers.size === 0) monitor.close();
  };
}
