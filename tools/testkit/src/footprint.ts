import { readdirSync, readFileSync } from "node:fs";

/** What this process holds in the kernel; equal before and after something that leaks nothing. */
export interface Footprint {
  /** Open descriptors. */
  readonly fds: number;
  /** Mappings of AF_XDP rings. */
  readonly xdpMappings: number;
  /** BPF programs, maps and links that descriptors of this process hold. */
  readonly bpfPrograms: number;
  readonly bpfMaps: number;
  readonly bpfLinks: number;
  /** VmLck + VmPin. A UMEM's pages are counted by the kernel for the user, not here. */
  readonly lockedKb: number;
}

const SOCKET_MAPPING = /\ssocket:\[\d+\]$/;
const BPF_IDS = {
  bpfLinks: /^link_id:/m,
  bpfMaps: /^map_id:/m,
  bpfPrograms: /^prog_id:/m,
} as const;

/**
 * Counts what this process holds. BPF objects are counted through its own descriptors (/proc/self/fdinfo) and not
 * in the whole system, where other processes come and go.
 */
export function footprint(): Footprint {
  const bpf = { bpfPrograms: 0, bpfMaps: 0, bpfLinks: 0 };
  let fds = 0;
  for (const fd of readdirSync("/proc/self/fdinfo")) {
    const info = describeFd(fd);
    if (info === undefined) continue;
    fds++;
    // A link's fdinfo also names its program, so the first match in this order decides.
    for (const [kind, pattern] of Object.entries(BPF_IDS)) {
      if (!pattern.test(info)) continue;
      bpf[kind as keyof typeof bpf]++;
      break;
    }
  }
  const mappings = readFileSync("/proc/self/maps", "utf8").split("\n");
  const status = readFileSync("/proc/self/status", "utf8");
  const kb = (field: string): number =>
    Number(new RegExp(`^${field}:\\s*(\\d+) kB$`, "m").exec(status)?.[1] ?? 0);
  return {
    fds,
    xdpMappings: mappings.filter((line) => SOCKET_MAPPING.test(line)).length,
    ...bpf,
    lockedKb: kb("VmLck") + kb("VmPin"),
  };
}

/** The text of one descriptor's fdinfo; nothing for the one that listed the directory, which is gone by now. */
function describeFd(fd: string): string | undefined {
  try {
    return readFileSync(`/proc/self/fdinfo/${fd}`, "utf8");
  } catch {
    return undefined;
  }
}
