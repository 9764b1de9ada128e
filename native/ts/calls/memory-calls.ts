import * as abi from "@afxdp/core";
import { check, checkObject, type Place } from "../check.js";
import { InterfaceCalls } from "./interface-calls.js";

/** What says that there are not enough huge pages, none of that size, or none at all in this kernel. */
const NO_HUGE_PAGES: readonly number[] = [abi.ERRNO.ENOMEM, abi.ERRNO.ENODEV, abi.ERRNO.ENOSYS];

/** What says that a descriptor is not open, not of memory, or not for writing. */
const NO_MEMORY: readonly number[] = [abi.ERRNO.EBADF, abi.ERRNO.EINVAL, abi.ERRNO.EACCES];
const ADOPTABLE = {
  code: "ERR_XDP_ARGUMENT",
  hint: "Give it a memfd, or a file of /dev/shm or a hugetlbfs, that is open for reading and writing.",
} as const;

/** Of a node that this machine does not have, or that has no memory, mbind says EINVAL. */
const NODES = {
  code: "ERR_XDP_ARGUMENT",
  hint: "Use a node that has memory: /sys/devices/system/node/has_memory lists them.",
} as const;

/** The memory of an arena, and how much of it may be locked. */
export abstract class MemoryCalls extends InterfaceCalls {
  createMemory(name: string, length: number, hugePageSize: number): abi.Fd {
    return checkPages(this.addon.createMemory(name, length, hugePageSize), hugePageSize, {
      step: "memory",
      syscall: "memfd_create",
      given: `${length} bytes${pagesOf(hugePageSize)}`,
    });
  }

  adoptMemory(descriptor: number): abi.Fd {
    const result = this.addon.adoptMemory(descriptor);
    const place: Place = {
      step: "memory",
      syscall: "fcntl(F_DUPFD_CLOEXEC)",
      given: `descriptor ${descriptor}`,
    };
    return check(result, NO_MEMORY.includes(-result) ? { ...place, ...ADOPTABLE } : place);
  }

  mapMemory(
    arena: abi.ArenaBytes,
    offset: number,
    length: number,
    memory: abi.Fd,
    hugePageSize: number,
  ): void {
    const result = this.addon.mapMemory(arena, offset, length, memory, hugePageSize);
    checkPages(result, hugePageSize, {
      step: "memory",
      syscall: "mmap",
      given: `${length} bytes at ${offset}${pagesOf(hugePageSize)}`,
    });
  }

  unmapMemory(arena: abi.ArenaBytes, offset: number, length: number): void {
    check(this.addon.unmapMemory(arena, offset, length), {
      step: "unmap",
      syscall: "mmap",
      given: `${length} bytes at ${offset}`,
    });
  }

  alignmentOffset(arena: abi.ArenaBytes, alignment: number): number {
    return check(this.addon.alignmentOffset(arena, alignment), {
      step: "memory",
      syscall: "alignmentOffset",
      given: `an alignment of ${alignment}`,
    });
  }

  preferNode(arena: abi.ArenaBytes, offset: number, length: number, node: number): void {
    const result = this.addon.preferNode(arena, offset, length, node);
    const place: Place = {
      step: "memory",
      syscall: "mbind",
      given: `${length} bytes at ${offset} on node ${node}`,
    };
    check(result, result === -abi.ERRNO.EINVAL ? { ...place, ...NODES } : place);
  }

  memoryLimits(): abi.MemoryLimits {
    return checkObject(this.addon.memoryLimits(), { step: "memory", syscall: "getrlimit" });
  }
}

function pagesOf(hugePageSize: number): string {
  return hugePageSize === 0 ? "" : ` in pages of ${hugePageSize}`;
}

function checkPages(result: number, hugePageSize: number, place: Place): number {
  const code = "ERR_XDP_HUGE_PAGES";
  return check(
    result,
    hugePageSize !== 0 && NO_HUGE_PAGES.includes(-result) ? { ...place, code } : place,
  );
}
