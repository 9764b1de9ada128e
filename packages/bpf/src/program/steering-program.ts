import {
  BPF_ANY,
  encodeU32,
  type Fd,
  type Kernel,
  type LoadedProgram,
  runAll,
  XDP_MAX_QUEUE_ID,
  XdpError,
} from "@afxdp/core";
import { checkRules, type Steering } from "../rules/check-rules.js";
import { encodeRules } from "../rules/encode-rules.js";
import { STEER_ABI } from "../rules/layout.js";
import type { Rule } from "../rules/rule.js";
import { type AttachMode, type Attachment, attachProgram } from "./attach-program.js";

const { maxRules, banks, maps, rule: RULE } = STEER_ABI;

/**
 * The steering program, loaded: one for all queues of an interface, or of several. Made by `loadSteering`. It belongs
 * to the thread of its Kernel and owns its descriptors until `close`.
 */
export class SteeringProgram {
  /** The program's descriptor; closed by `close`. */
  readonly program: Fd;
  /** The kernel's id, as `bpftool prog` shows it. */
  readonly id: number;
  readonly name: string;
  readonly #kernel: Kernel;
  readonly #maps: LoadedProgram["maps"];
  readonly #attachments: Attachment[] = [];
  #generation = 0;
  #rules: readonly Rule[] = [];
  #closed = false;

  constructor(kernel: Kernel, loaded: LoadedProgram) {
    this.#kernel = kernel;
    this.#maps = loaded.maps;
    this.program = loaded.program;
    this.id = loaded.id;
    this.name = loaded.name;
  }

  /** The rules in force. */
  get rules(): readonly Rule[] {
    return this.#rules;
  }

  /** The descriptor of the XSKMAP, to be handed to who enters sockets itself; closed by `close`. */
  get socketMap(): Fd {
    return this.#map(maps.sockets);
  }

  /**
   * Puts other rules in force, all at once: every packet is judged by the old ones or by the new ones. After an
   * error the old ones stay.
   *
   * @throws XdpError ERR_XDP_RULE, ERR_XDP_CLOSED, ERR_XDP_PERMISSION
   */
  setRules(steering: Steering): void {
    const rules = checkRules(steering);
    const generation = (this.#generation + 1) >>> 0;
    this.#writeBank(generation % banks, encodeRules(rules));
    this.#update(maps.config, 0, encodeU32(generation));
    this.#generation = generation;
    this.#rules = rules;
  }

  /** Writes the bank that is not in force, and the unused rule that ends it. */
  #writeBank(bank: number, encoded: Uint8Array): void {
    const count = encoded.length / RULE.size;
    for (let index = 0; index < count; index++) {
      const entry = encoded.subarray(index * RULE.size, (index + 1) * RULE.size);
      this.#update(maps.rules, bank * maxRules + index, entry);
    }
    if (count < maxRules) {
      this.#update(maps.rules, bank * maxRules + count, new Uint8Array(RULE.size));
    }
  }

  /**
   * Lets a queue's selected packets go to a socket, instead of the one that was entered before. Queues without a
   * socket leave their packets to the kernel's stack. The kernel takes the entry out when the socket is released.
   *
   * @throws XdpError ERR_XDP_MAP_FULL when the program was loaded for fewer queues, ERR_XDP_QUEUE_ID, ERR_XDP_CLOSED
   */
  enter(queueId: number, socket: Fd): void {
    this.#kernel.enterXskMap(this.socketMap, checkQueueId(queueId), socket);
  }

  /**
   * Takes a queue's socket out. A queue whose socket is gone already is no error.
   *
   * @throws XdpError ERR_XDP_QUEUE_ID, ERR_XDP_CLOSED
   */
  leave(queueId: number): void {
    this.#kernel.leaveXskMap(this.socketMap, checkQueueId(queueId));
  }

  /** Attaches the program to an interface: {@link attachProgram}. `close` detaches it. */
  attach(interfaceIndex: number, interfaceName: string, mode: AttachMode = "auto"): Attachment {
    this.#checkOpen();
    const attachment = attachProgram(
      this.#kernel,
      this.program,
      interfaceIndex,
      interfaceName,
      mode,
    );
    this.#attachments.push(attachment);
    return attachment;
  }

  /** Detaches the program from everywhere and closes its descriptors, each of them whatever fails. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    runAll([
      ...this.#attachments.reverse().map((attachment) => () => attachment.detach()),
      ...Object.values(this.#maps).map((map) => () => this.#kernel.close(map)),
      () => this.#kernel.close(this.program),
    ]);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #update(map: string, key: number, value: Uint8Array): void {
    this.#kernel.updateMap(this.#map(map), encodeU32(key), value, BPF_ANY);
  }

  #map(name: string): Fd {
    this.#checkOpen();
    const map = this.#maps[name];
    if (map === undefined) {
      throw new XdpError("ERR_XDP_PROGRAM", `The steering program has no map "${name}".`);
    }
    return map;
  }

  #checkOpen(): void {
    if (this.#closed) {
      throw new XdpError("ERR_XDP_CLOSED", "The steering program is closed.", {
        hint: "Load it again by loadSteering().",
      });
    }
  }
}

function checkQueueId(queueId: number): number {
  if (!Number.isInteger(queueId) || queueId < 0 || queueId > XDP_MAX_QUEUE_ID) {
    throw new XdpError("ERR_XDP_QUEUE_ID", `queue ${String(queueId)} is not from 0 to 65535.`);
  }
  return queueId;
}
