import type { Kernel } from "@afxdp/core";
import { createLinuxKernel } from "@afxdp/native";
import { createLab, type Host, type Lab, withHugePages } from "@afxdp/testkit";
import type { DisposablePair, End } from "./pair.js";
import { HUGE_PAGE } from "./socket/packet-memory.js";

/** Queues of each device. */
const QUEUES = 4;

/**
 * Makes a veth pair in two network namespaces of its own, with four queues and without IPv6. Needs root. The caller
 * closes it.
 */
export function createLabPair(kernel: Kernel = createLinuxKernel()): DisposablePair {
  const lab = createLab({ queues: QUEUES, ipv6: false });
  const a = endOf(kernel, lab.a);
  const b = endOf(kernel, lab.b);
  const hostOf = (end: End): Host => (end === a ? lab.a : lab.b);
  return {
    a,
    b,
    setMtu: (mtu) => setMtu(lab, mtu),
    setUp(end, up) {
      const host = hostOf(end);
      host.run("ip", "link", "set", "dev", host.device, up ? "up" : "down");
    },
    withHugePages: (bytes, body) =>
      withHugePages(Math.ceil(bytes / HUGE_PAGE), HUGE_PAGE / 1024, body),
    disposable: () => createLabPair(kernel),
    remove: () => void lab.a.run("ip", "link", "delete", "dev", lab.a.device),
    close: () => lab.close(),
  };
}

function endOf(kernel: Kernel, host: Host): End {
  return { kernel, interfaceName: host.device, enter: () => host.enter() };
}

function setMtu(lab: Lab, mtu: number): void {
  for (const host of [lab.a, lab.b]) {
    host.run("ip", "link", "set", "dev", host.device, "mtu", `${mtu}`);
  }
}
