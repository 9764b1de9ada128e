import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Kernel } from "@afxdp/core";
import { createLinuxKernel } from "@afxdp/native";
import { createLab, type Host, type Lab, withHugePages } from "@afxdp/testkit";
import { tagObject } from "./generated/tag.js";
import { Skip } from "./outcome.js";
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
    setMtu: (end, mtu) => setLink(hostOf(end), "mtu", `${mtu}`),
    setUp: (end, up) => setLink(hostOf(end), up ? "up" : "down"),
    sendTagged: (destination) => sendTagged(lab, destination),
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

function setLink(host: Host, ...words: readonly string[]): void {
  host.run("ip", "link", "set", "dev", host.device, ...words);
}

/** As in bpf/tag.bpf.c. */
const VLAN = 5;

/** Makes room for programs in a device's way out; skips where the kernel was built without. */
function addClsact(host: Host): void {
  try {
    host.run("tc", "qdisc", "add", "dev", host.device, "clsact");
  } catch (error) {
    throw new Skip(`no VLAN tags can be made here: ${(error as Error).message}`);
  }
}

/**
 * Has the stack of end a send a packet while a program in its way out tags all packets. An AF_XDP socket could not:
 * a tag that it writes lies in the packet's bytes.
 */
function sendTagged({ a, b }: Lab, destination: string): number {
  const folder = mkdtempSync(join(tmpdir(), "afxdp-conformance-"));
  const object = join(folder, "tag.o");
  const dev = ["dev", a.device];
  try {
    writeFileSync(object, tagObject());
    addClsact(a);
    a.run("tc", "filter", "add", ...dev, "egress", "bpf", "da", "obj", object, "sec", "tc");
    a.run("ip", "neighbor", "replace", b.ipv4, "lladdr", destination, ...dev);
    // Nobody answers: the packet itself is what matters.
    a.run("sh", "-c", `ping -c 1 -W 0.01 ${b.ipv4} || true`);
  } finally {
    rmSync(folder, { recursive: true });
    a.run("sh", "-c", `tc qdisc delete dev ${a.device} clsact; ip neighbor flush dev ${a.device}`);
  }
  return VLAN;
}
