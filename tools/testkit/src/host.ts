import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from "node:child_process";
import { enterNetworkNamespace } from "@afxdp/native";

/** One end of a lab: a network namespace with one veth device in it. */
export interface Host {
  /** The namespace's name, as `ip netns` shows it. */
  readonly namespace: string;
  /** The namespace's file, `/run/netns/NAME`. */
  readonly path: string;
  readonly device: string;
  readonly mac: string;
  readonly ipv4: string;
  /** An address of the lab's prefix; not set up when the lab was made without IPv6. */
  readonly ipv6: string;
  /** Moves the calling thread into this namespace; returns what moves it back. */
  enter(): () => void;
  /** Runs a command in this namespace to its end and returns its stdout; throws with its stderr when it fails. */
  run(command: string, ...args: string[]): string;
  /** Starts a process in this namespace. It is killed when the lab closes. */
  spawn(command: string, args: string[], options?: SpawnOptions): ChildProcess;
}

/** What tells a host's two ends apart. */
export type HostIdentity = Pick<Host, "namespace" | "device" | "mac" | "ipv4" | "ipv6">;

/** Runs a command to its end and returns its stdout; throws an Error with its stderr when it fails. */
export function runCommand(command: string, args: readonly string[]): string {
  try {
    return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (cause) {
    const stderr = (cause as { stderr?: unknown }).stderr;
    const said = typeof stderr === "string" && stderr !== "" ? stderr.trim() : String(cause);
    throw new Error(`${[command, ...args].join(" ")}: ${said}`, { cause });
  }
}

/**
 * Makes the Host of a namespace that exists. Commands are started by `nsenter`, which becomes the command itself
 * (so a process id is the command's) and, other than `ip netns exec`, leaves /sys and the BPF file system alone.
 */
export function makeHost(identity: HostIdentity, children: Set<ChildProcess>): Host {
  const path = `/run/netns/${identity.namespace}`;
  const inside = (command: string, args: readonly string[]): string[] => [
    `--net=${path}`,
    "--",
    command,
    ...args,
  ];
  return {
    ...identity,
    path,
    enter: () => enterNetworkNamespace(path),
    run: (command, ...args) => runCommand("nsenter", inside(command, args)),
    spawn(command, args, options = {}) {
      const child = spawn("nsenter", inside(command, args), options);
      children.add(child);
      child.once("close", () => children.delete(child));
      child.once("error", () => children.delete(child));
      return child;
    },
  };
}

/** Kills the children that still run, each by its own process id. */
export function killAll(children: Set<ChildProcess>): void {
  for (const child of children) {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
  }
  children.clear();
}
