import { ERRNO } from "@afxdp/core";
import type { Addon } from "./addon.js";
import type { Place } from "./check.js";

/**
 * Where a call on a pin's path fails. EPERM and EACCES say that a capability is missing only inside of a BPF file
 * system: outside of one they say that there can be no pins, and that gets a code and a cure of its own.
 */
export function pinPlace(addon: Addon, syscall: string, path: string, result: number): Place {
  const place: Place = { step: "pin", syscall, given: JSON.stringify(path) };
  if (result !== -ERRNO.EPERM && result !== -ERRNO.EACCES) return place;
  if (addon.isBpfFs(`${path}/`) >= 0) {
    return {
      ...place,
      code: "ERR_XDP_SYSCALL",
      hint: "The path is a directory: name a pin in it.",
    };
  }
  const slash = path.lastIndexOf("/");
  const name = path.slice(slash + 1);
  if (addon.isBpfFs(slash < 0 ? "." : path.slice(0, slash + 1)) !== 1) {
    const hint = "The path must lie in a BPF file system: `mount -t bpf bpf /sys/fs/bpf`.";
    return { ...place, code: "ERR_XDP_SYSCALL", hint };
  }
  if (name.includes(".")) {
    const hint = "The kernel wants names without dots in a BPF file system.";
    return { ...place, code: "ERR_XDP_SYSCALL", hint };
  }
  return { ...place, hint: "Grant access to the path, and CAP_BPF, or run as root." };
}
