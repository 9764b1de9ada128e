import type { ChildProcess } from "node:child_process";
import { type Host, type HostIdentity, killAll, makeHost, runCommand } from "./host.js";
import { claimNames, releaseNames, sweepDeadLabs } from "./namespaces.js";

/** How a lab is built. */
export interface LabOptions {
  /** Queues of each device, in both directions; 1 when absent. */
  readonly queues?: number;
  /** Of both devices; 1500 when absent. */
  readonly mtu?: number;
  /** Whether the devices have IPv6 addresses; true when absent. Without, IPv6 is off in both namespaces. */
  readonly ipv6?: boolean;
  /**
   * Whether the devices carry VLAN tags beside the packet, as veth does by itself; true when absent. With false the
   * tags are in the packet's bytes, where an XDP program and a socket see them (needs `ethtool`).
   */
  readonly txVlanOffload?: boolean;
}

/** Two hosts joined by a veth pair, each in a network namespace of its own. */
export interface Lab {
  readonly a: Host;
  readonly b: Host;
  /** Kills what was spawned and removes the namespaces with all in them. Idempotent; also done on process exit. */
  close(): void;
}

const PREFIX_4 = 24;
const PREFIX_6 = 64;

/** Without these the kernel asks for routers and goes on reporting multicast groups: packets that no test asked for. */
const QUIET_IPV6 = {
  "DEVICE/router_solicitations": 0,
  "DEVICE/mldv1_unsolicited_report_interval": 100_000_000,
  "DEVICE/mldv2_unsolicited_report_interval": 100_000_000,
} as const;
const NO_IPV6 = { "all/disable_ipv6": 1 } as const;

const identityOf = (end: "a" | "b", namespace: string): HostIdentity => ({
  namespace,
  device: `v${end}`,
  mac: `02:00:00:00:00:0${end}`,
  ipv4: end === "a" ? "10.77.0.1" : "10.77.0.2",
  ipv6: end === "a" ? "fd77::1" : "fd77::2",
});

/**
 * Builds two namespaces, `afxdp-PID-N-a` with device `va` and `-b` with `vb`, whose devices are joined, have fixed
 * MAC addresses, 10.77.0.1/24 and 10.77.0.2/24 (fd77::1/64 and fd77::2/64), and are up. No packet leaves them. By
 * itself the kernel sends one multicast report per end in the first moments (none without IPv6). Needs root. Undone
 * when it throws; what a killed process left behind is removed by the next call.
 */
export function createLab(options: LabOptions = {}): Lab {
  sweepDeadLabs();
  const names = claimNames();
  const children = new Set<ChildProcess>();
  const a = makeHost(identityOf("a", names.a), children);
  const b = makeHost(identityOf("b", names.b), children);
  let closed = false;
  const close = (): void => {
    if (closed) return;
    closed = true;
    process.off("exit", close);
    killAll(children);
    releaseNames(names);
  };
  process.once("exit", close);
  try {
    joinHosts(a, b, options);
    for (const host of [a, b]) configure(host, options);
  } catch (error) {
    close();
    throw error;
  }
  return { a, b, close };
}

function joinHosts(a: Host, b: Host, { queues = 1, mtu = 1500 }: LabOptions): void {
  for (const host of [a, b]) runCommand("ip", ["netns", "add", host.namespace]);
  const end = (host: Host): string[] => [
    ...["name", host.device, "netns", host.namespace, "address", host.mac, "mtu", `${mtu}`],
    ...["numrxqueues", `${queues}`, "numtxqueues", `${queues}`],
  ];
  runCommand("ip", ["link", "add", ...end(a), "type", "veth", "peer", ...end(b)]);
}

function configure(host: Host, { ipv6 = true, txVlanOffload = true }: LabOptions): void {
  const ip = (...args: string[]): string => runCommand("ip", ["-n", host.namespace, ...args]);
  for (const [key, value] of Object.entries(ipv6 ? QUIET_IPV6 : NO_IPV6)) {
    host.run(
      "sh",
      "-c",
      `echo ${value} > /proc/sys/net/ipv6/conf/${key.replace("DEVICE", host.device)}`,
    );
  }
  if (!txVlanOffload) host.run("ethtool", "-K", host.device, "txvlan", "off", "rxvlan", "off");
  ip("link", "set", "dev", host.device, "addrgenmode", "none");
  ip("link", "set", "dev", "lo", "up");
  ip("link", "set", "dev", host.device, "up");
  ip("address", "add", `${host.ipv4}/${PREFIX_4}`, "dev", host.device);
  if (ipv6) ip("address", "add", `${host.ipv6}/${PREFIX_6}`, "dev", host.device, "nodad");
}
