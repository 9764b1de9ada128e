import { type Fd, type Kernel, type MapInfo, XDP_MAX_QUEUE_ID, XdpError } from "@afxdp/core";
import type { SocketMap } from "./socket-map.js";

/** An XSKMAP whose keys are queues. Made by `useMap`; owns its descriptor until `close`. */
export class XskMap implements SocketMap {
  /** The map's descriptor; closed by `close`. */
  readonly map: Fd;
  readonly id: number;
  readonly name: string;
  /** Queues that it has an entry for: 0 up to this less one. */
  readonly queues: number;
  readonly #kernel: Kernel;
  #closed = false;

  /** @internal */
  constructor(kernel: Kernel, map: Fd, info: MapInfo) {
    this.#kernel = kernel;
    this.map = map;
    this.id = info.id;
    this.name = info.name;
    this.queues = info.maxEntries;
  }

  enter(queueId: number, socket: Fd): void {
    this.#check(queueId);
    this.#kernel.enterXskMap(this.map, queueId, socket);
  }

  leave(queueId: number): void {
    this.#check(queueId);
    this.#kernel.leaveXskMap(this.map, queueId);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#kernel.close(this.map);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #check(queueId: number): void {
    if (this.#closed) throw new XdpError("ERR_XDP_CLOSED", `The XSKMAP ${this.id} is closed.`);
    checkQueue(queueId, this.queues, "Make the XSKMAP with max_entries greater than the queue.");
  }
}

/**
 * @param hint how to get an entry for the queue
 * @throws XdpError ERR_XDP_QUEUE_ID, ERR_XDP_MAP_FULL
 */
export function checkQueue(queueId: number, queues: number, hint?: string): void {
  if (!Number.isInteger(queueId) || queueId < 0 || queueId > XDP_MAX_QUEUE_ID) {
    throw new XdpError("ERR_XDP_QUEUE_ID", `queue ${String(queueId)} is not from 0 to 65535.`);
  }
  if (queueId >= queues) {
    throw new XdpError(
      "ERR_XDP_MAP_FULL",
      `The XSKMAP has no entry for queue ${queueId}: it is for ${queues} of them.`,
      hint === undefined ? {} : { hint },
    );
  }
}
