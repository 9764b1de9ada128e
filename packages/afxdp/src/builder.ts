import { checkOptions, type Kernel, XdpError, XdpOrderError } from "@afxdp/core";
import { checkInterfaceName, checkQueueId, checkUmemSetup, type UmemSetup } from "@afxdp/driver";
import { checkRingSize } from "@afxdp/ring";
import { checkOpenOptions, checkTxOptions } from "./check-options.js";
import { openPlan } from "./open.js";
import { legalVerbs, type Plan, type Verb } from "./plan.js";
import { type ProgramOptions, type ProgramSource, planProgram } from "./program.js";
import { checkOtherQueue, checkOwner, checkSameQueue } from "./sharing.js";
import type { Socket } from "./socket.js";
import type {
  NeedsCompletion,
  NeedsFill,
  NeedsProgram,
  NeedsRings,
  NeedsSharedCompletion,
  NeedsSharedFill,
  NeedsSharedProgram,
  NeedsSharedRings,
  NeedsSharedTxOrProgram,
  NeedsTxOrProgram,
  NeedsUmem,
  OpenOptions,
  ReadyToOpen,
  SharedReadyToOpen,
  TxOptions,
} from "./stages.js";

/** Which queue a socket is for. */
export interface SocketTarget {
  /** Number of the interface's queue. Default 0. */
  readonly queue?: number | undefined;
  /** The Kernel to open it on; Linux by default. */
  readonly kernel?: Kernel | undefined;
}

/** One stage: what was gathered so far. Types show of it only the calls that may come next. */
class Stage
  implements
    NeedsUmem,
    NeedsFill,
    NeedsCompletion,
    NeedsRings,
    NeedsTxOrProgram,
    NeedsProgram,
    NeedsSharedFill,
    NeedsSharedCompletion,
    NeedsSharedRings,
    NeedsSharedTxOrProgram,
    NeedsSharedProgram,
    ReadyToOpen,
    SharedReadyToOpen
{
  readonly #plan: Plan;
  #used = false;

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  umem(options: UmemSetup): Stage {
    return this.#next("umem", () => {
      checkUmemSetup(options);
      return { umem: { ...options } };
    });
  }

  shareUmem(owner: Socket): Stage {
    return this.#next("shareUmem", () => {
      checkOwner(this.#plan, owner);
      checkOtherQueue(this.#plan, owner);
      return { shareUmem: owner };
    });
  }

  shareQueue(owner: Socket): Stage {
    return this.#next("shareQueue", () => {
      checkOwner(this.#plan, owner);
      checkSameQueue(this.#plan, owner);
      return { shareQueue: owner };
    });
  }

  fill(entries: number): Stage {
    return this.#next("fill", () => {
      const fill = checkRingSize(entries, "fill");
      const { umem, shareUmem } = this.#plan;
      const geometry = umem === undefined ? shareUmem?.umem.geometry : checkUmemSetup(umem);
      geometry?.checkFillRing(fill);
      return { fill };
    });
  }

  completion(entries: number): Stage {
    return this.#next("completion", () => ({ completion: checkRingSize(entries, "completion") }));
  }

  /** @param none an rx ring has no options: what is given to the wrong ring would be lost in silence */
  rx(entries: number, none: object = {}): Stage {
    return this.#next("rx", () => {
      checkOptions("rx", none, []);
      return { rx: checkRingSize(entries, "rx") };
    });
  }

  tx(entries: number, options: TxOptions = {}): Stage {
    return this.#next("tx", () => {
      const tx = checkRingSize(entries, "tx");
      return { tx, budget: checkTxOptions(tx, options) };
    });
  }

  program(source: ProgramSource, options: ProgramOptions = {}): Stage {
    return this.#next("program", () => ({ program: planProgram(source, options) }));
  }

  async open(options: OpenOptions = {}): Promise<Socket> {
    this.#check("open");
    checkOpenOptions(this.#plan, options);
    const owner = this.#plan.shareUmem ?? this.#plan.shareQueue;
    if (owner !== undefined) checkOwner(this.#plan, owner);
    this.#used = true;
    return openPlan(this.#plan, options);
  }

  /** Checks the turn, then the value, and only then uses the stage up: after a wrong value it can be tried again. */
  #next(verb: Verb, take: () => Partial<Plan>): Stage {
    this.#check(verb);
    const taken = take();
    this.#used = true;
    return new Stage({ ...this.#plan, ...taken });
  }

  #check(verb: Verb): void {
    const legal = legalVerbs(this.#plan);
    if (this.#used) {
      throw new XdpOrderError(verb, [], "this stage has been used, go on with what it returned");
    }
    if (!legal.includes(verb)) throw new XdpOrderError(verb, legal);
  }
}

/**
 * Begins a socket on one queue of an interface. Gathers what it is told, stage by stage, and touches nothing before
 * `open`.
 *
 * @throws XdpError ERR_XDP_NO_DEVICE for what cannot be an interface's name, ERR_XDP_QUEUE_ID
 */
export function afxdp(interfaceName: string, target: SocketTarget = {}): NeedsUmem {
  checkOptions("afxdp", target, ["queue", "kernel"]);
  const { queue = 0, kernel } = target;
  if (kernel !== undefined && typeof kernel?.interfaceState !== "function") {
    throw new XdpError("ERR_XDP_ARGUMENT", "kernel is not a Kernel.", {
      hint: "Pass createLinuxKernel(), or none.",
    });
  }
  checkInterfaceName(interfaceName);
  checkQueueId(queue);
  return new Stage({ interfaceName, queueId: queue, kernel });
}
