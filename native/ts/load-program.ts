import {
  ERRNO,
  errnoName,
  type LoadedProgram,
  type ProgramImage,
  XdpProgramError,
  XdpSystemError,
} from "@afxdp/core";
import type { Addon, LoadFailure } from "./addon.js";
import { checkUnsigned, type Place } from "./check.js";
import { missingFeature } from "./program-features.js";
import { shortenLog } from "./verifier-log.js";

/** libbpf's own error numbers, which are about the object and not the kernel, begin here. */
const LIBBPF_ERRNO_START = 4000;

const PLACE: Place = { step: "program", syscall: "bpf(BPF_PROG_LOAD)" };

/** What says nothing of the program: it may be loaded by another process, or later. */
const NOT_THE_PROGRAM: readonly number[] = [ERRNO.EPERM, ERRNO.EMFILE, ERRNO.ENFILE, ERRNO.ENOMEM];

/**
 * Loads one program of an object with its maps. A map of the object that asks to be pinned is not: `pin` does that.
 * XdpFeatureError `frags` or `rxHints` when the kernel, or the driver of the device to bind to, cannot do it;
 * XdpProgramError with the log when libbpf or the verifier refuses the object; ERR_XDP_NO_DEVICE when there is no
 * device to bind to; ERR_XDP_PERMISSION when the process may not load programs.
 */
export function loadProgram(addon: Addon, image: ProgramImage): LoadedProgram {
  const { deviceIndex, frags } = image;
  if (deviceIndex !== undefined) checkDevice(deviceIndex);
  const entries = Object.entries(image.mapEntries ?? {});
  const reused = Object.entries(image.maps ?? {});
  const result = addon.loadObject(
    image.object,
    image.programName === undefined ? [] : [image.programName],
    entries.map(([name]) => name),
    entries.map(([, count]) => count),
    reused.map(([name]) => name),
    reused.map(([, map]) => map),
    frags === undefined ? -1 : frags ? 1 : 0,
    deviceIndex ?? 0,
  );
  if (!("program" in result)) throw failureOf(addon, image, result);
  const { program, id, name, maps } = result;
  return { program, id, name, maps: Object.fromEntries(maps) };
}

/** Index 0 would mean no device, where one was asked for. */
function checkDevice(deviceIndex: number): void {
  checkUnsigned({ deviceIndex }, 32, PLACE);
  if (deviceIndex > 0) return;
  throw new XdpSystemError({ ...PLACE, errno: ERRNO.EINVAL, given: "deviceIndex 0" });
}

function failureOf(addon: Addon, image: ProgramImage, failure: LoadFailure): Error {
  const { errno: result, log } = failure;
  const errno = -result >= LIBBPF_ERRNO_START ? 0 : -result;
  if (errno === ERRNO.EBADF) return new XdpSystemError({ ...PLACE, errno, given: log.trim() });
  if (NOT_THE_PROGRAM.includes(errno)) return new XdpSystemError({ ...PLACE, errno });
  const missing = missingFeature(addon, image.deviceIndex, failure);
  if (missing !== undefined) return missing;
  const reason = errno === 0 ? "the object is malformed" : errnoName(errno);
  const short = shortenLog(log);
  return new XdpProgramError(
    `The XDP program could not be loaded: ${reason}${short === "" ? "." : `:\n${short}`}`,
    log.trim(),
    errno,
  );
}
