import * as abi from "@afxdp/core";
import { attachByNetlink } from "../attach-by-netlink.js";
import { findAttachedProgram } from "../attached-program.js";
import { check, checkUnsigned, type Place } from "../check.js";
import { loadProgram } from "../load-program.js";
import { updateLink } from "../update-link.js";
import { BpfObjectCalls } from "./bpf-object-calls.js";

/** Loading programs, their maps' entries, and attaching. */
export abstract class ProgramCalls extends BpfObjectCalls {
  loadProgram(image: abi.ProgramImage): abi.LoadedProgram {
    return loadProgram(this.addon, image);
  }

  lookupMap(map: abi.Fd, key: Uint8Array): Uint8Array | undefined {
    const value = this.addon.lookupMap(map, key);
    if (typeof value !== "number") return value;
    if (value === -abi.ERRNO.ENOENT) return undefined;
    throw new abi.XdpSystemError({
      step: "program",
      syscall: "bpf(BPF_MAP_LOOKUP_ELEM)",
      errno: value,
    });
  }

  updateMap(map: abi.Fd, key: Uint8Array, value: Uint8Array, flags: number): void {
    check(this.addon.updateMap(map, key, value, flags), {
      step: "program",
      syscall: "bpf(BPF_MAP_UPDATE_ELEM)",
    });
  }

  enterXskMap(map: abi.Fd, queueId: number, socket: abi.Fd): void {
    const place: Place = {
      step: "xskmap",
      syscall: "bpf(BPF_MAP_UPDATE_ELEM)",
      given: `queue ${queueId}`,
    };
    checkUnsigned({ queueId, socket }, 32, place);
    const key = abi.encodeU32(queueId);
    check(this.addon.updateMap(map, key, abi.encodeU32(socket), abi.BPF_ANY), place);
  }

  leaveXskMap(map: abi.Fd, queueId: number): void {
    const place: Place = {
      step: "leave",
      syscall: "bpf(BPF_MAP_DELETE_ELEM)",
      given: `queue ${queueId}`,
    };
    checkUnsigned({ queueId }, 32, place);
    const result = this.addon.deleteMapEntry(map, abi.encodeU32(queueId));
    check(result === -abi.ERRNO.ENOENT ? 0 : result, place);
  }

  attachProgram(program: abi.Fd, interfaceIndex: number, flags: number): abi.Fd {
    return check(this.addon.createLink(program, interfaceIndex, flags), {
      step: "attach",
      syscall: "bpf(BPF_LINK_CREATE)",
      given: `interface ${interfaceIndex}`,
    });
  }

  updateLink(link: abi.Fd, program: abi.Fd, expected: abi.Fd): void {
    updateLink(this.addon, link, program, expected);
  }

  attachByNetlink(interfaceIndex: number, program: abi.Fd, flags: number, expected: abi.Fd): void {
    attachByNetlink(this.addon, interfaceIndex, program, flags, expected);
  }

  attachedProgram(interfaceIndex: number): abi.AttachedProgram | undefined {
    return findAttachedProgram(this.addon, interfaceIndex);
  }
}
