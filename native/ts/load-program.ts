import {
  ERRNO,
  errnoName,
  type LoadedProgram,
  type ProgramImage,
  XdpProgramError,
  XdpSystemError,
} from "@afxdp/core";
import type { Addon } from "./addon.js";

/** libbpf's own error numbers, which are about the object and not the kernel, begin here. */
const LIBBPF_ERRNO_START = 4000;

/**
 * Loads an object's program and maps. XdpProgramError with the log when libbpf or the verifier refuses it;
 * ERR_XDP_PERMISSION when the process may not load programs.
 */
export function loadProgram(addon: Addon, image: ProgramImage): LoadedProgram {
  const entries = Object.entries(image.mapEntries ?? {});
  const result = addon.loadObject(
    image.object,
    entries.map(([name]) => name),
    entries.map(([, count]) => count),
  );
  if ("program" in result) {
    const { program, id, name, maps } = result;
    return { program, id, name, maps: Object.fromEntries(maps) };
  }
  const errno = -result.errno >= LIBBPF_ERRNO_START ? 0 : -result.errno;
  if (errno === ERRNO.EPERM) {
    throw new XdpSystemError({ step: "program", syscall: "bpf(BPF_PROG_LOAD)", errno });
  }
  const log = result.log.trim();
  const last = log.split("\n").at(-1);
  const reason = errno === 0 ? "the object is malformed" : errnoName(errno);
  throw new XdpProgramError(
    `The XDP program could not be loaded: ${reason}${last ? ` (${last})` : ""}.`,
    log,
    errno,
  );
}
