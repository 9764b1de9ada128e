import { readFileSync } from "node:fs";
import { release } from "node:os";
import { createLinuxKernel } from "@afxdp/native";

/** Whether this process can run tests on the real kernel. */
export type Privilege = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** The bits of /proc/self/status CapEff that the tests need (include/uapi/linux/capability.h). */
const CAPABILITIES: Readonly<Record<string, bigint>> = {
  CAP_NET_ADMIN: 12n,
  CAP_NET_RAW: 13n,
  CAP_SYS_ADMIN: 21n,
  CAP_BPF: 39n,
};

const MINIMUM: readonly [number, number] = [5, 18];

let known: Privilege | undefined;

/**
 * Tells whether this process is root on Linux 5.18 or later with the capabilities that AF_XDP, BPF and namespaces
 * need. When it is and AF_XDP still does not work, that is a failure and no reason to skip: it throws.
 */
export function privileged(): Privilege {
  known ??= examine();
  return known;
}

function examine(): Privilege {
  const no = (reason: string): Privilege => ({ ok: false, reason });
  if (process.platform !== "linux") return no(`needs Linux, this is ${process.platform}`);
  const [major = 0, minor = 0] = release().split(".").map(Number);
  if (major < MINIMUM[0] || (major === MINIMUM[0] && minor < MINIMUM[1])) {
    return no(`needs Linux ${MINIMUM.join(".")}, this is ${release()}`);
  }
  if (process.geteuid?.() !== 0) return no("needs root");
  const status = readFileSync("/proc/self/status", "utf8");
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0"}`);
  const missing = Object.entries(CAPABILITIES)
    .filter(([, bit]) => (effective & (1n << bit)) === 0n)
    .map(([name]) => name);
  if (missing.length > 0) return no(`lacks ${missing.join(", ")}`);
  const kernel = createLinuxKernel();
  kernel.close(kernel.socket());
  return { ok: true };
}
