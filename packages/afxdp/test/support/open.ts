import { EXPERIMENTAL, type Lab } from "@afxdp/testkit";
import { afxdp, type Kernel, type OpenOptions, redirect, type Socket, type Steering } from "afxdp";

/** What a test wants of its socket. */
export interface Wanted extends OpenOptions {
  readonly rules?: Steering;
  readonly kernel?: Kernel;
  readonly queue?: number;
  readonly frameCount?: number;
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
    entries = 128,
    ...options
  } = wanted;
  const sized = afxdp(lab.a.device, kernel === undefined ? { queue } : { queue, kernel })
    .umem({ frameCount })
    .fill(entries)
    .completion(entries);
  if (rings === "tx") return sized.tx(entries).open(options);
  const received = sized.rx(entries);
  return (rings === "rx" ? received : received.tx(entries)).program(rules).open(options);
}
