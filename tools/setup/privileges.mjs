import { readFileSync } from "node:fs";

const NEEDED = { CAP_NET_ADMIN: 12n, CAP_NET_RAW: 13n, CAP_SYS_ADMIN: 21n };

/** The capabilities that network namespaces and AF_XDP need and this process lacks. */
export function missingCapabilities(status = readFileSync("/proc/self/status", "utf8")) {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? "0"}`);
  return Object.keys(NEEDED).filter((name) => ((effective >> NEEDED[name]) & 1n) === 0n);
}
