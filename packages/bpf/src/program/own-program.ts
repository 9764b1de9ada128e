import type { Fd, Kernel } from "@afxdp/core";
import type { XskMap } from "../maps/xsk-map.js";
import { AttachableProgram, type ProgramFacts } from "./attachable-program.js";

/** A program of the user, with the XSKMAP that it redirects to. Made by `loadObject` and `useProgram`. */
export class OwnProgram extends AttachableProgram {
  /** The object's maps by name, for `kernel.updateMap` and the like; closed by `close`. */
  readonly maps: Readonly<Record<string, Fd>>;
  readonly #kernel: Kernel;
  readonly #sockets: XskMap;

  /** @internal */
  constructor(
    kernel: Kernel,
    facts: ProgramFacts,
    sockets: XskMap,
    maps: Readonly<Record<string, Fd>>,
  ) {
    super(kernel, facts);
    this.#kernel = kernel;
    this.#sockets = sockets;
    this.maps = maps;
  }

  get socketMap(): Fd {
    this.checkOpen();
    return this.#sockets.map;
  }

  enter(queueId: number, socket: Fd): void {
    this.checkOpen();
    this.#sockets.enter(queueId, socket);
  }

  leave(queueId: number): void {
    this.checkOpen();
    this.#sockets.leave(queueId);
  }

  protected closingMaps(): Iterable<() => void> {
    const others = Object.values(this.maps).filter((map) => map !== this.#sockets.map);
    return [() => this.#sockets.close(), ...others.map((map) => () => this.#kernel.close(map))];
  }
}
