import type { ErrorCode } from "@afxdp/core";
import type { ReadySocket } from "@afxdp/driver";
import { prepare } from "../support/open.js";
import type { RawSocket } from "../support/raw-socket.js";

/** Any call of the set-up in any order, as plain JavaScript has it. */
export interface Anything {
  [step: string]: (...args: unknown[]) => Anything;
}

/** What a row finds there: set-ups and raw sockets of its own, and an open socket on queue 0 to share with. */
export interface Bench {
  /** Begins a set-up, on queue 0 unless another is named; it is closed after the row. */
  readonly begin: (queue?: number) => Anything;
  /** Opens a socket below the set-up; it is closed after the row. */
  readonly raw: () => RawSocket;
  readonly owner: ReadySocket;
  /** A queue that nobody has had yet. */
  readonly queue: () => number;
  /** From here on calls count. */
  readonly now: () => void;
  /** Does something after the row. */
  readonly later: (task: () => unknown) => void;
}

/** One thing that is forbidden. */
export interface Row {
  readonly what: string;
  /** Tries it on the set-up: after `now` no call may be made. */
  readonly attempt: (bench: Bench) => unknown;
  /** What the set-up says. */
  readonly code: ErrorCode;
  /** Tries it on the kernel. */
  readonly raw: (bench: Bench) => void;
  /** What the kernel says. */
  readonly errno: string;
}

/** Takes steps, and then one that is not to be made. */
export const after =
  (steps: readonly [string, ...unknown[]][], step: string, ...args: unknown[]) =>
  ({ begin, now, queue }: Bench): unknown => {
    let stage = begin(queue());
    for (const [name, ...given] of steps) stage = (stage[name] as Anything[string])(...given);
    now();
    return stage[step]?.(...args);
  };

/** The step for frames. */
export const FRAMES: [string, ...unknown[]] = ["umem", { frameCount: 64 }];
/** The steps up to the rings of a socket's own. */
export const SIZED: [string, ...unknown[]][] = [
  ["socket"],
  FRAMES,
  ["fill", 16],
  ["completion", 16],
];

/** A set-up that could be bound next, on a queue of its own. */
export function prepared({ owner, queue, later }: Bench): Anything {
  const needsBind = prepare(owner.kernel, owner.target.interfaceName, { queue: queue() });
  later(() => needsBind.close());
  return needsBind as unknown as Anything;
}
