import { checkRules, type Steering } from "@afxdp/bpf";
import {
  checkOptions,
  checkSignal,
  checkTimeout,
  type Kernel,
  XdpError,
  XdpOrderError,
} from "@afxdp/core";
import { checkInterfaceName, checkQueueId } from "@afxdp/driver";
import { checkRingSize } from "@afxdp/ring";
import { type FrameOptions, planFrames } from "@afxdp/umem";
import { openPlan } from "./open.js";
import { legalVerbs, type Plan, type Verb } from "./plan.js";
import type { Socket } from "./socket.js";
import type {
  NeedsCompletion,
  NeedsFill,
  NeedsProgram,
  NeedsRings,
  NeedsTxOrProgram,
  NeedsUmem,
  OpenOptions,
  ReadyToOpen,
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
    ReadyToOpen
{
  readonly #plan: Plan;
  #used = false;

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  umem(options: FrameOptions): Stage {
    return this.#next("umem", () => {
      planFrames(options);
      return { umem: { ...options } };
    });
  }

  fill(entries: number): Stage {
    return this.#next("fill", () => {
      const fill = checkRingSize(entries, "fill");
      planFrames(this.#plan.umem as FrameOptions).checkFillRing(fill);
      return { fill };
    });
  }

  completion(entries: number): Stage {
    return this.#next("completion", () => ({ completion: checkRingSize(entries, "completion") }));
  }

  rx(entries: number): Stage {
    return this.#next("rx", () => ({ rx: checkRingSize(entries, "rx") }));
  }

  tx(entries: number): Stage {
    return this.#next("tx", () => ({ tx: checkRingSize(entries, "tx") }));
  }

  program(steering: Steering): Stage {
    return this.#next("program", () => ({ program: checkRules(steering) }));
  }

  async open(options: OpenOptions = {}): Promise<Socket> {
    this.#check("open");
    checkOpenOptions(options);
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

const MODES: readonly unknown[] = ["auto", "drv", "skb", undefined];

function checkOpenOptions(options: OpenOptions): void {
  checkOptions("open", options, ["mode", "signal", "busyTimeoutMs"]);
  const { mode, signal, busyTimeoutMs } = options;
  if (!MODES.includes(mode)) {
    throw new XdpError("ERR_XDP_ARGUMENT", `mode ${String(mode)} is not auto, drv or skb.`);
  }
  checkSignal(signal);
  checkTimeout("busyTimeoutMs", busyTimeoutMs, 60_000);
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
