import * as abi from "@afxdp/core";
import type { Addon } from "../addon.js";
import { check, type Place } from "../check.js";
import { pinPlace } from "../pin-place.js";

type Opening = readonly [method: "openProgram" | "openMap" | "openLink", command: string];

const OPENING: ReadonlyMap<string, Opening> = new Map([
  ["program", ["openProgram", "BPF_PROG_GET_FD_BY_ID"]],
  ["map", ["openMap", "BPF_MAP_GET_FD_BY_ID"]],
  ["link", ["openLink", "BPF_LINK_GET_FD_BY_ID"]],
]);

/** What programs, maps and links have in common: descriptors, pins, and that the kernel tells of them. */
export abstract class BpfObjectCalls {
  protected readonly addon: Addon;
  /** Bytes of a memory page. */
  readonly pageSize: number;

  constructor(addon: Addon) {
    this.addon = addon;
    this.pageSize = addon.pageSize;
  }

  openBpf(kind: abi.BpfKind, id: number): abi.Fd {
    const opening = OPENING.get(kind);
    if (opening === undefined) throw new TypeError("The kind must be 'program', 'map' or 'link'.");
    const [method, command] = opening;
    const result = this.addon[method](id);
    return check(result, {
      step: "program",
      syscall: `bpf(${command})`,
      given: `${kind} ${id}`,
      ...hint(
        result,
        -abi.ERRNO.ENOENT,
        `There is no ${kind} with this id: see \`bpftool ${kind === "program" ? "prog" : kind}\`.`,
      ),
      ...hint(
        result,
        -abi.ERRNO.EPERM,
        "Grant CAP_SYS_ADMIN, which opening by id needs, or pin it.",
      ),
    });
  }

  adoptBpf(descriptor: number): abi.BpfObject {
    const result = this.addon.adoptBpf(descriptor);
    return answerOf(result, {
      step: "program",
      syscall: "fcntl(F_DUPFD_CLOEXEC)",
      given: `descriptor ${descriptor}`,
      ...hint(result, -abi.ERRNO.EINVAL, "Pass the descriptor of a BPF program, map or link."),
    });
  }

  openPinned(path: string): abi.BpfObject {
    const result = this.addon.openPinned(path);
    const place =
      typeof result === "number" ? pinPlace(this.addon, "bpf(BPF_OBJ_GET)", path, result) : PINNED;
    return answerOf(result, {
      ...place,
      ...hint(
        result,
        -abi.ERRNO.ENOENT,
        "Nothing is pinned there: check the path, and that the BPF file system is mounted.",
      ),
    });
  }

  pin(fd: abi.Fd, path: string): void {
    const result = this.addon.pin(fd, path);
    if (result < 0) check(result, pinPlace(this.addon, "bpf(BPF_OBJ_PIN)", path, result));
  }

  unpin(path: string): void {
    const result = this.addon.unpin(path);
    if (result >= 0 || result === -abi.ERRNO.ENOENT) return;
    check(result, {
      ...pinPlace(this.addon, "unlink", path, result),
      ...hint(result, -abi.ERRNO.EINVAL, "What is there is no pin, and was left alone."),
    });
  }

  programInfo(program: abi.Fd): abi.ProgramInfo {
    return answerOf(this.addon.programInfo(program), INFO);
  }

  mapInfo(map: abi.Fd): abi.MapInfo {
    return answerOf(this.addon.mapInfo(map), INFO);
  }
}

const PINNED: Place = { step: "pin", syscall: "bpf(BPF_OBJ_GET)" };
const INFO: Place = { step: "program", syscall: "bpf(BPF_OBJ_GET_INFO_BY_FD)" };

/** A hint for one of the results that a call may have. */
function hint(result: unknown, errno: number, text: string): { hint?: string } {
  return result === errno ? { hint: text } : {};
}

/** Passes what is no number on, or throws the XdpSystemError of what is one. */
function answerOf<T extends object>(answer: T | number, place: Place): T {
  if (typeof answer === "number") throw new abi.XdpSystemError({ ...place, errno: answer });
  return answer;
}
