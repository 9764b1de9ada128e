import {
  BPF_ANY,
  checkCount,
  encodeU32,
  type Fd,
  type Kernel,
  type LoadedProgram,
  runAll,
  XdpError,
} from "@afxdp/core";
import { checkQueue } from "../maps/xsk-map.js";
import { checkRules, type Steering } from "../rules/check-rules.js";
import { encodeRules } from "../rules/encode-rules.js";
import { STEER_ABI } from "../rules/layout.js";
import type { Rule } from "../rules/rule.js";
import { AttachableProgram, type ProgramFacts } from "./attachable-program.js";

const { maxRules, banks, maps, rule: RULE, config: CONFIG } = STEER_ABI;

/** How many sockets there is room for. */
interface Room {
  readonly queues: number;
  readonly slots: number;
}

/** Rules by slot, in the order in which they are tried. */
type SlotTable = ReadonlyMap<number, readonly Rule[]>;

/**
 * The steering program, loaded: one for all queues of an interface, or of several. Made by `loadSteering`. It belongs
 * to the thread of its Kernel and owns its descriptors until `close`.
 *
 * Several sockets on a queue are in different slots, each with rules of its own. A packet goes to the first rule that
 * selects it and whose slot has a socket on the packet's queue: the rules of lower slots are tried first, those of one
 * slot in their order. Sockets of different queues can be in one slot.
 */
export class SteeringProgram extends AttachableProgram {
  /** Sockets that each slot has room for: the program's queues are 0 up to this less one. */
  readonly queues: number;
  /** Sockets that each queue has room for. */
  readonly slots: number;
  readonly #kernel: Kernel;
  readonly #maps: LoadedProgram["maps"];
  #generation = 0;
  #table: SlotTable = new Map();
  /** Keys of the XSKMAP that were entered and not left. */
  readonly #entered = new Set<number>();

  /** @internal */
  constructor(kernel: Kernel, loaded: LoadedProgram & ProgramFacts, { queues, slots }: Room) {
    super(kernel, loaded);
    this.#kernel = kernel;
    this.#maps = loaded.maps;
    this.queues = queues;
    this.slots = slots;
  }

  /** The rules in force, of all slots in the order in which they are tried. */
  get rules(): readonly Rule[] {
    return [...this.#table.values()].flat();
  }

  /** The rules of a slot; none when it is not in use. */
  rulesOf(slot: number): readonly Rule[] {
    return this.#table.get(slot) ?? [];
  }

  get socketMap(): Fd {
    return this.#map(maps.sockets);
  }

  /**
   * Packets that were left to the kernel's stack because there was no room for hints before them (a driver that gives
   * none, or a packet that arrived with too little). 0 for a program without hints.
   *
   * @throws XdpError ERR_XDP_CLOSED, ERR_XDP_PERMISSION
   */
  refusedHints(): number {
    if (this.#maps[maps.refused] === undefined) return 0;
    const bytes = this.#kernel.lookupMap(this.#map(maps.refused), encodeU32(0));
    if (bytes === undefined) return 0;
    return Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  }

  /**
   * Puts other rules in force for a slot, all at once: every packet is judged by the old ones or by the new ones. After
   * an error the old ones stay.
   *
   * @throws XdpError ERR_XDP_RULE, also when all slots together had more than 64 rules; ERR_XDP_ARGUMENT for a slot
   *   that there is no room for; ERR_XDP_CLOSED, ERR_XDP_PERMISSION
   */
  setRules(steering: Steering, slot = 0): void {
    const rules = checkRules(steering);
    this.#checkSlot(slot);
    this.#put(new Map([...this.#table, [slot, rules]]));
  }

  /**
   * Takes the lowest slot that is not in use, with rules of its own, for one more socket on each queue: `enter` it
   * there. Works while the program is attached. Returns the slot.
   *
   * @throws XdpError as setRules; ERR_XDP_MAP_FULL when all slots are in use
   */
  addSlot(steering: Steering): number {
    const rules = checkRules(steering);
    this.checkOpen();
    let slot = 0;
    // One whose sockets could not all be taken out would give them the packets of the new rules.
    while (this.#table.has(slot) || this.#keysOf(slot).length > 0) slot++;
    if (slot >= this.slots) {
      throw new XdpError("ERR_XDP_MAP_FULL", `All ${this.slots} slots of the program are in use.`, {
        hint: "Load the program with more `slots`, or remove one.",
      });
    }
    this.#put(new Map([...this.#table, [slot, rules]]));
    return slot;
  }

  /**
   * Takes a slot's rules out of force and its sockets, of all queues, out of the map. One that is not in use is no
   * error. Slot 0 can go, too; without rules every packet passes to the kernel's stack. A socket that could not be
   * taken out keeps the slot from being given anew; call this again.
   *
   * @throws XdpError ERR_XDP_ARGUMENT, ERR_XDP_CLOSED, ERR_XDP_PERMISSION
   */
  removeSlot(slot: number): void {
    this.#checkSlot(slot);
    if (this.#table.has(slot)) {
      this.#put(new Map([...this.#table].filter(([other]) => other !== slot)));
    }
    runAll(this.#keysOf(slot).map((key) => () => this.#leave(key)));
  }

  /**
   * Lets the packets of a queue that a slot's rules select go to a socket, instead of the one that was entered before.
   * What no slot with a socket on the queue selects goes to the kernel's stack. The kernel takes the entry out when
   * the socket is released.
   *
   * @throws XdpError before any system call: ERR_XDP_QUEUE_ID, ERR_XDP_CLOSED, ERR_XDP_MAP_FULL when the program was
   *   loaded for fewer queues, ERR_XDP_ARGUMENT for a slot without rules
   */
  enter(queueId: number, socket: Fd, slot = 0): void {
    const key = this.#key(queueId, slot);
    if (!this.#table.has(slot)) {
      throw new XdpError("ERR_XDP_ARGUMENT", `slot ${slot} is not in use: it has no rules.`, {
        hint: "Take a slot by addSlot() first.",
      });
    }
    this.#kernel.enterXskMap(this.socketMap, key, socket);
    this.#entered.add(key);
  }

  /**
   * Takes the socket of a queue out of a slot. One that is gone already is no error.
   *
   * @throws XdpError ERR_XDP_QUEUE_ID, ERR_XDP_CLOSED, ERR_XDP_MAP_FULL, ERR_XDP_ARGUMENT
   */
  leave(queueId: number, slot = 0): void {
    this.#leave(this.#key(queueId, slot));
  }

  #keysOf(slot: number): number[] {
    return [...this.#entered].filter((key) => Math.floor(key / this.queues) === slot);
  }

  #leave(key: number): void {
    this.#kernel.leaveXskMap(this.socketMap, key);
    this.#entered.delete(key);
  }

  protected closingMaps(): Iterable<() => void> {
    return Object.values(this.#maps).map((map) => () => this.#kernel.close(map));
  }

  #key(queueId: number, slot: number): number {
    checkQueue(queueId, this.queues);
    this.#checkSlot(slot);
    return slot * this.queues + queueId;
  }

  #checkSlot(slot: number): void {
    this.checkOpen();
    checkCount("slot", slot, this.slots - 1);
  }

  /** Writes the bank that is not in force and then puts it in force. */
  #put(table: SlotTable): void {
    const sorted = new Map([...table].sort(([one], [other]) => one - other));
    const encoded = [...sorted].flatMap(([slot, rules]) => splitRules(encodeRules(rules, slot)));
    if (encoded.length > maxRules) {
      throw new XdpError(
        "ERR_XDP_RULE",
        `The program's slots would have ${encoded.length} rules: at most ${maxRules} in all.`,
      );
    }
    const generation = (this.#generation + 1) >>> 0;
    const first = (generation % banks) * maxRules;
    for (const [index, rule] of encoded.entries()) this.#update(maps.rules, first + index, rule);
    if (encoded.length < maxRules) {
      this.#update(maps.rules, first + encoded.length, new Uint8Array(RULE.size));
    }
    this.#update(maps.config, 0, this.#encodeConfig(generation));
    this.#generation = generation;
    this.#table = sorted;
  }

  #encodeConfig(generation: number): Uint8Array {
    const config = new Uint8Array(CONFIG.size);
    config.set(encodeU32(generation), CONFIG.generation);
    config.set(encodeU32(this.queues), CONFIG.queues);
    return config;
  }

  #update(map: string, key: number, value: Uint8Array): void {
    this.#kernel.updateMap(this.#map(map), encodeU32(key), value, BPF_ANY);
  }

  #map(name: string): Fd {
    this.checkOpen();
    const map = this.#maps[name];
    if (map === undefined) {
      throw new XdpError("ERR_XDP_PROGRAM", `The steering program has no map "${name}".`);
    }
    return map;
  }
}

function splitRules(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: bytes.length / RULE.size }, (_, index) =>
    bytes.subarray(index * RULE.size, (index + 1) * RULE.size),
  );
}
