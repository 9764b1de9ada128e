import { type Fd, type Kernel, runAll, XdpError } from "@afxdp/core";
import { type AttachMode, type AttachOptions, planAttach } from "../attach/attach-options.js";
import { attachProgram } from "../attach/attach-program.js";
import type { Attachment } from "../attach/attachment.js";
import { checkPath } from "../maps/bpf-source.js";
import type { XdpProgram } from "../maps/socket-map.js";
import { afterClosing } from "./after-closing.js";
import { makePin, type Pin, removePin } from "./pin.js";

/** Paths below /sys/fs/bpf. */
export interface ProgramPins {
  readonly program?: string | undefined;
  /** For the XSKMAP. */
  readonly map?: string | undefined;
}

/** What is known of a program that was loaded. */
export interface ProgramFacts {
  readonly program: Fd;
  readonly id: number;
  readonly name: string;
  /** Index of the device that the program is bound to; 0 for none. */
  readonly deviceIndex: number;
}

/** A program that this process holds: it can be attached and pinned. It owns its descriptors until `close`. */
export abstract class AttachableProgram implements XdpProgram {
  readonly program: Fd;
  readonly id: number;
  readonly name: string;
  /** Index of the device that the program was loaded for; 0 for none, and where the kernel does not tell. */
  readonly deviceIndex: number;
  readonly #kernel: Kernel;
  #attachments: Attachment[] = [];
  #pins: Pin[] = [];
  #closed = false;

  constructor(kernel: Kernel, facts: ProgramFacts) {
    this.#kernel = kernel;
    this.program = facts.program;
    this.id = facts.id;
    this.name = facts.name;
    this.deviceIndex = facts.deviceIndex;
  }

  abstract enter(queueId: number, socket: Fd): void;
  abstract leave(queueId: number): void;
  /** The descriptor of the XSKMAP, to be handed to who enters sockets itself; closed by `close`. */
  abstract get socketMap(): Fd;
  /** What closes the maps' descriptors. */
  protected abstract closingMaps(): Iterable<() => void>;

  /**
   * Attaches the program to an interface: {@link attachProgram}. A program that is bound to a device goes to that one
   * only, and into the driver only, where `auto` puts it.
   *
   * @throws XdpError as attachProgram, ERR_XDP_CLOSED
   */
  attach(
    interfaceIndex: number,
    interfaceName: string,
    options: AttachMode | AttachOptions = "auto",
  ): Attachment {
    this.checkOpen();
    const plan = planAttach(options);
    if (this.deviceIndex !== 0) this.#checkBound(interfaceIndex, interfaceName, plan.mode);
    const mode = this.deviceIndex !== 0 ? "drv" : plan.mode;
    const attachment = attachProgram(this.#kernel, this.program, interfaceIndex, interfaceName, {
      ...plan,
      mode,
    });
    this.#attachments = this.#attachments.filter(({ held }) => held);
    this.#attachments.push(attachment);
    return attachment;
  }

  #checkBound(interfaceIndex: number, interfaceName: string, mode: AttachMode): void {
    const bound = `Program ${this.id} (${this.name}) is bound to interface ${this.deviceIndex}`;
    if (interfaceIndex !== this.deviceIndex) {
      const given = `${interfaceName}, which is ${interfaceIndex}`;
      throw new XdpError("ERR_XDP_ARGUMENT", `${bound} and cannot be attached to ${given}.`);
    }
    if (mode !== "auto" && mode !== "drv") {
      throw new XdpError("ERR_XDP_CONFLICT", `${bound}: it runs in mode drv, not in ${mode}.`);
    }
  }

  /**
   * Pins the program, or its XSKMAP, or both, so that they outlive this process: another gets at them by
   * `useProgram` and `useMap`. All of it or nothing. An attachment outlives the process only when its link is pinned,
   * too (`attach`), or went by netlink.
   *
   * @throws XdpError ERR_XDP_ARGUMENT, ERR_XDP_CLOSED, ERR_XDP_PERMISSION, ERR_XDP_SYSCALL
   */
  pin({ program, map }: ProgramPins): void {
    this.checkOpen();
    const wanted: (readonly [Fd, string])[] = [];
    if (program !== undefined) wanted.push([this.program, program]);
    if (map !== undefined) wanted.push([this.socketMap, map]);
    if (wanted.length === 0) {
      throw new XdpError("ERR_XDP_ARGUMENT", "pin was given neither a program's path nor a map's.");
    }
    for (const [, path] of wanted) checkPath("pin", path);
    const done: Pin[] = [];
    try {
      for (const [fd, path] of wanted) done.push(makePin(this.#kernel, fd, path));
    } catch (error) {
      throw afterClosing(
        error,
        done.map((pin) => () => removePin(this.#kernel, pin)),
      );
    }
    this.#pins.push(...done);
  }

  /**
   * Removes the pins that `pin` made; also after `close`, which leaves them. What somebody else has pinned in the place
   * of one stays.
   */
  unpin(): void {
    const pins = this.#pins;
    this.#pins = [];
    runAll(pins.map((pin) => () => removePin(this.#kernel, pin)));
  }

  /**
   * Detaches the program from everywhere but where a link is pinned, and closes the descriptors, each of them
   * whatever fails. Pins stay. Idempotent.
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    runAll([
      ...this.#attachments.reverse().map((attachment) => () => attachment.close()),
      ...this.closingMaps(),
      () => this.#kernel.close(this.program),
    ]);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** @throws XdpError ERR_XDP_CLOSED */
  protected checkOpen(): void {
    if (this.#closed) {
      throw new XdpError("ERR_XDP_CLOSED", `Program ${this.id} (${this.name}) is closed.`, {
        hint: "Load or open it again.",
      });
    }
  }
}
