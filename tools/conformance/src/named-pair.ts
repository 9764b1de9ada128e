import { execFileSync } from "node:child_process";
import type { Kernel } from "@afxdp/core";
import { runAll } from "@afxdp/core";
import { enterNetworkNamespace } from "@afxdp/native";
import { withHugePages } from "@afxdp/testkit";
import { type End, inside, type Pair } from "./pair.js";
import { HUGE_PAGE } from "./socket/packet-memory.js";

/** An interface that exists: its name, and the file of its network namespace when that is another. */
export interface NamedInterface {
  readonly name: string;
  readonly namespace: string | undefined;
}

/** A pair of interfaces that exist. */
export interface NamedPair extends Pair {
  /** Leaves the interfaces as they were found. */
  close(): void;
}

/** What one is to be told of an interface that cannot be used. */
export class UnusableInterface extends Error {
  override readonly name = "UnusableInterface";
}

/**
 * Takes two interfaces that exist and are connected. They are promiscuous until it is closed, since the suite's
 * packets go to addresses of its own. With `change` the MTU may be set and the link taken down, each for one case.
 *
 * @throws UnusableInterface when one is missing, down, without a carrier, or has an XDP program already
 */
export function openNamedPair(
  kernel: Kernel,
  interfaces: readonly [NamedInterface, NamedInterface],
  change: boolean,
): NamedPair {
  const [a, b] = interfaces.map((named) => endOf(kernel, named)) as [End, End];
  for (const end of [a, b]) checkUsable(end);
  const open: number[] = [];
  const close = (): void => runAll(open.splice(0).map((fd) => () => kernel.close(fd)));
  try {
    for (const end of [a, b]) open.push(inside(end, () => kernel.promiscuous(indexOf(end))));
  } catch (error) {
    close();
    throw error;
  }
  return {
    a,
    b,
    withHugePages: (bytes, body) =>
      withHugePages(Math.ceil(bytes / HUGE_PAGE), HUGE_PAGE / 1024, body),
    ...(change && {
      setMtu: (end: End, mtu: number) => setLink(end, "mtu", `${mtu}`),
      setUp: (end: End, up: boolean) => setLink(end, up ? "up" : "down"),
    }),
    close,
  };
}

function endOf(kernel: Kernel, { name, namespace }: NamedInterface): End {
  return {
    kernel,
    interfaceName: name,
    enter: () => (namespace === undefined ? () => undefined : enterNetworkNamespace(namespace)),
  };
}

const indexOf = ({ kernel, interfaceName }: End): number =>
  kernel.interfaceState(interfaceName).index;

function checkUsable(end: End): void {
  const { kernel, interfaceName } = end;
  inside(end, () => {
    const { index, up, running } = kernel.interfaceState(interfaceName);
    if (!up || !running) {
      throw new UnusableInterface(`${interfaceName} is ${up ? "without a carrier" : "down"}.`);
    }
    const attached = kernel.attachedProgram(index);
    if (attached !== undefined) {
      throw new UnusableInterface(
        `${interfaceName} has XDP program ${attached.id} ${attached.name} (${attached.mode}): detach it first.`,
      );
    }
  });
}

function setLink(end: End, ...words: readonly string[]): void {
  inside(end, () => {
    execFileSync("ip", ["link", "set", "dev", end.interfaceName, ...words], { stdio: "pipe" });
  });
}
