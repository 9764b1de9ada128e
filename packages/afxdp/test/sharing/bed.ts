import type { Kernel } from "@afxdp/core";
import { type BindOptions, beginSetup, XdpSocket } from "@afxdp/driver";
import type { Host } from "@afxdp/testkit";
import { ByMark, MARK_AT } from "../support/by-mark.js";
import { patterned } from "../support/driver-socket.js";

/** Where a socket is to be, and with whom it shares. */
export interface Place {
  readonly host: Host;
  /** The host's own device by default. */
  readonly device?: string;
  readonly queue?: number;
  readonly umemOf?: XdpSocket;
  readonly queueOf?: XdpSocket;
  /** Packets with this mark go to it. */
  readonly mark: number;
  readonly bind?: BindOptions;
}

/** Sockets on one Kernel, each device with the program `by-mark`. All is closed with it, the last first. */
export class Bed {
  readonly #kernel: Kernel;
  readonly #mode: "skb" | "drv";
  readonly #programs = new Map<string, ByMark>();
  readonly #sockets: XdpSocket[] = [];

  constructor(kernel: Kernel, mode: "skb" | "drv") {
    this.#kernel = kernel;
    this.#mode = mode;
  }

  /** Opens a socket with rings of 64; its own UMEM has 256 frames and room for three more sockets. */
  async open(place: Place): Promise<XdpSocket> {
    const { host, device = host.device, queue = 0, umemOf, queueOf, mark, bind } = place;
    const leave = host.enter();
    try {
      const needsUmem = beginSetup(this.#kernel, device, queue).socket();
      const needsFill = () =>
        umemOf === undefined
          ? needsUmem.umem({ frameCount: 256, sharers: 3 })
          : needsUmem.shareUmem(umemOf);
      const needsRings =
        queueOf === undefined ? needsFill().fill(64).completion(64) : needsUmem.shareQueue(queueOf);
      const ready = (await needsRings.rx(64).tx(64).map().prefill().bind(bind)).mode();
      const socket = new XdpSocket(ready);
      this.#sockets.push(socket);
      const { interfaceIndex, namespace } = ready.target;
      const key = `${namespace} ${interfaceIndex}`;
      let program = this.#programs.get(key);
      if (program === undefined) {
        program = new ByMark(this.#kernel, interfaceIndex, this.#mode);
        this.#programs.set(key, program);
      }
      program.enter(mark, ready);
      return socket;
    } finally {
      leave();
    }
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.reverse()) await socket.close();
    for (const program of this.#programs.values()) program.close();
  }
}

/** A packet with a mark. */
export function marked(to: Host, from: Host, mark: number, length: number, seed = 0): Uint8Array {
  const packet = patterned(to, from, length, seed);
  packet[MARK_AT] = mark;
  return packet;
}
