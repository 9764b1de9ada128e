import { EXPERIMENTAL, type Lab } from "@afxdp/testkit";
import {
  afxdp,
  type Kernel,
  type OpenOptions,
  type ProgramOptions,
  type ProgramSource,
  redirect,
  type Socket,
  type TxOptions,
  type UmemSetup,
} from "afxdp";

/** What a test wants of its socket. */
export interface Wanted extends OpenOptions {
  readonly rules?: ProgramSource;
  readonly program?: ProgramOptions;
  readonly kernel?: Kernel;
  readonly queue?: number;
  readonly frameCount?: number;
  readonly umem?: Partial<UmemSetup>;
  readonly tx?: TxOptions;
  readonly entries?: number;
}

type Rings = "rx" | "tx" | "both";

/** Opens a socket on the lab's device `a`; the thread has to be in its namespace. */
export function open(lab: Lab, rings: Rings, wanted: Wanted = {}): Promise<Socket> {
  const {
    // By default nothing that a kernel's stack sends by itself.
    rules = redirect.etherType(EXPERIMENTAL),
    kernel,
    queue = 0,
    frameCount = 512,
    umem = {},
    tx = {},
    program = {},
    entries = 128,
    ...options
  } = wanted;
  const sized = afxdp(lab.a.device, kernel === undefined ? { queue } : { queue, kernel })
    .umem({ frameCount, ...umem })
    .fill(entries)
    .completion(entries);
  if (rings === "tx") return sized.tx(entries, tx).open(options);
  const received = sized.rx(entries);
  return (rings === "rx" ? received : received.tx(entries, tx))
    .program(rules, program)
    .open(options);
}
