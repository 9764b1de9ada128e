import { type Fd, type LoadedProgram, type ProgramImage, runAll } from "@afxdp/core";
import { type End, inside } from "../pair.js";
import type { Xsk } from "../socket/xsk.js";

/** A loaded program of the suite with its sockets, attached to one end. */
export class Program {
  readonly end: End;
  readonly #loaded: LoadedProgram;
  readonly #flags: number;
  #link: Fd | undefined;

  /** Loads and attaches it. `flags`: XDP_FLAGS_*. */
  constructor(end: End, image: ProgramImage, flags: number) {
    this.end = end;
    this.#flags = flags;
    this.#loaded = inside(end, () => end.kernel.loadProgram(image));
    try {
      this.attach();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** The kernel's id. */
  get id(): number {
    return this.#loaded.id;
  }

  /** A map by its name. */
  map(name: string): Fd {
    const map = this.#loaded.maps[name];
    if (map === undefined) throw new RangeError(`The program has no map ${name}.`);
    return map;
  }

  attach(): void {
    const { kernel, interfaceName } = this.end;
    this.#link = inside(this.end, () =>
      kernel.attachProgram(
        this.#loaded.program,
        kernel.interfaceState(interfaceName).index,
        this.#flags,
      ),
    );
  }

  detach(): void {
    if (this.#link === undefined) return;
    this.end.kernel.close(this.#link);
    this.#link = undefined;
  }

  /** Makes a socket the one that packets of an entry (a queue) go to. */
  enter(entry: number, { fd }: Xsk): void {
    this.end.kernel.enterXskMap(this.map("sockets"), entry, fd);
  }

  leave(entry: number): void {
    this.end.kernel.leaveXskMap(this.map("sockets"), entry);
  }

  /** Detaches it, then closes what was loaded. */
  close(): void {
    const { program, maps } = this.#loaded;
    runAll([
      () => this.detach(),
      ...[program, ...Object.values(maps)].map((fd) => () => this.end.kernel.close(fd)),
    ]);
  }
}
