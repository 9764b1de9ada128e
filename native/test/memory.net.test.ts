import { execFileSync } from "node:child_process";
import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ArenaBytes, Kernel } from "@afxdp/core";
import { createLinuxKernel } from "@afxdp/native";
import { footprint, withHugePages } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { afterEach, beforeEach, expect, it } from "vitest";
import { makeArena, registration } from "./by-hand.mjs";

const MIB = 1 << 20;
const HUGE = 2 * MIB;
const HUGE_KB = 2048;

const freePages = (): number =>
  Number(readFileSync(`/sys/kernel/mm/hugepages/hugepages-${HUGE_KB}kB/free_hugepages`, "utf8"));

const thrownBy = (call: () => unknown): unknown => {
  const before = footprint();
  try {
    call();
  } catch (error) {
    expect(footprint()).toEqual(before);
    return error;
  }
  throw new Error("it did not throw");
};

describeOnKernel("memory of its own in an arena", () => {
  let kernel: Kernel;
  let arena: ArenaBytes;
  let before: unknown;
  beforeEach(() => {
    before = footprint();
    kernel = createLinuxKernel();
    arena = makeArena(8 * MIB);
  });
  afterEach(() => {
    expect(footprint()).toEqual(before);
  });
  const register = (offset: number): void => {
    const fd = kernel.socket();
    kernel.registerUmem(fd, arena, { ...registration, offset, length: MIB });
    kernel.close(fd);
  };

  it("is a memfd, which two arenas see alike", () => {
    const memory = kernel.createMemory("afxdp-test", MIB, 0);
    const other = makeArena(8 * MIB);
    kernel.mapMemory(arena, 65536, MIB, memory, 0);
    kernel.mapMemory(other, 0, MIB, memory, 0);
    kernel.close(memory);
    arena[65536 + 5] = 7;
    expect(other[5]).toBe(7);
    kernel.unmapMemory(arena, 65536, MIB);
    expect(arena[65536 + 5]).toBe(0);
    expect(other[5]).toBe(7);
    kernel.unmapMemory(other, 0, MIB);
  });

  it("is a memfd, which can be registered as UMEM", () => {
    const memory = kernel.createMemory("afxdp-test", MIB, 0);
    kernel.mapMemory(arena, 65536, MIB, memory, 0);
    register(65536);
    kernel.unmapMemory(arena, 65536, MIB);
    kernel.close(memory);
  });

  it("cannot be shrunk by another who has it", () => {
    const memory = kernel.createMemory("afxdp-test", MIB, 0);
    const other = openSync(`/proc/self/fd/${memory}`, "r+");
    expect(() => ftruncateSync(other, 0)).toThrow("EPERM");
    closeSync(other);
    kernel.close(memory);
  });

  it("is adopted from another's descriptor, which stays the other's", () => {
    const memory = kernel.createMemory("afxdp-test", MIB, 0);
    const foreign = openSync(`/proc/self/fd/${memory}`, "r+");
    const adopted = kernel.adoptMemory(foreign);
    expect(adopted).not.toBe(foreign);
    closeSync(foreign);
    kernel.mapMemory(arena, 0, MIB, adopted, 0);
    kernel.unmapMemory(arena, 0, MIB);
    kernel.close(adopted);
    kernel.close(memory);
  });

  it.each([
    ["no descriptor", () => 9999, "EBADF"],
    ["a directory in memory", () => openSync("/dev/shm", "r"), "EINVAL"],
    ["a device", () => openSync("/dev/null", "r+"), "EINVAL"],
    ["a file of a disk", () => openSync("/etc/passwd", "r"), "EINVAL"],
  ])("does not adopt %s", (_, open, errnoName) => {
    const fd = open();
    expect(thrownBy(() => kernel.adoptMemory(fd))).toMatchObject({
      ...{ code: "ERR_XDP_ARGUMENT", step: "memory", errnoName },
    });
    if (fd !== 9999) closeSync(fd);
  });

  it("does not adopt what is open for reading only", () => {
    const path = `/dev/shm/afxdp-${process.pid}`;
    const fd = openSync(path, "wx+");
    const reading = openSync(path, "r");
    rmSync(path);
    expect(thrownBy(() => kernel.adoptMemory(reading))).toMatchObject({ errnoName: "EACCES" });
    const adopted = kernel.adoptMemory(fd);
    // It is empty: a touch would be SIGBUS.
    expect(() => kernel.mapMemory(arena, 0, MIB, adopted, 0)).toThrow("EINVAL");
    for (const one of [fd, reading]) closeSync(one);
    kernel.close(adopted);
  });

  it("does not adopt what is sealed against writing", () => {
    const script = `
      import { createLinuxKernel } from ${JSON.stringify(import.meta.resolve("@afxdp/native"))};
      try {
        createLinuxKernel().adoptMemory(3);
      } catch ({ code, errnoName }) {
        console.log(code, errnoName);
      }`;
    const folder = mkdtempSync(join(tmpdir(), "afxdp-sealed-"));
    const sealed = join(folder, "exec-sealed");
    execFileSync("cc", ["-Wall", "-Werror", "-o", sealed, `${import.meta.dirname}/exec-sealed.c`]);
    const [write, futureWrite] = [8, 16];
    for (const seal of [write, futureWrite]) {
      const args = [`${seal}`, process.execPath, "--input-type=module", "-e", script];
      const said = execFileSync(sealed, args, { encoding: "utf8" });
      expect(said).toBe("ERR_XDP_ARGUMENT EACCES\n");
    }
    rmSync(folder, { recursive: true });
  });

  it.each<[string, number, number, number]>([
    ["of no bytes", 0, 0, 0],
    ["of a part of a page", 4097, 0, 0],
    ["of a part of a huge page", MIB, HUGE, 0],
    ["in pages of no power of two", 3 * MIB, 3 * MIB, 0],
    ["in pages smaller than ordinary ones", 4096, 2048, 0],
    ["of a fraction of a byte", 0.5, 0, 0],
  ])("is not made %s", (_, length, size) => {
    expect(thrownBy(() => kernel.createMemory("x", length, size))).toMatchObject({
      ...{ code: "ERR_XDP_SYSCALL", step: "memory", errnoName: "EINVAL" },
    });
  });

  it("is not made with a name that the kernel would cut", () => {
    expect(() => kernel.createMemory("a\0b", 4096, 0)).toThrow("EINVAL");
    expect(() => kernel.createMemory("x".repeat(1000), 4096, 0)).toThrow("EINVAL");
  });

  it("is not made of huge pages of a size that the processor lacks", () => {
    const wanted = { code: "ERR_XDP_HUGE_PAGES", step: "memory" };
    const size = 4 * MIB;
    expect(thrownBy(() => kernel.createMemory("x", size, size))).toMatchObject(wanted);
    const offset = kernel.alignmentOffset(arena, size);
    expect(thrownBy(() => kernel.mapMemory(arena, offset, size, -1, size))).toMatchObject(wanted);
  });

  it("is refused, and the arena as before, where it would lie badly", () => {
    const memory = kernel.createMemory("afxdp-test", MIB, 0);
    const huge = kernel.alignmentOffset(arena, HUGE);
    const map = (offset: number, length: number, fd: number, size: number) => () =>
      kernel.mapMemory(arena, offset, length, fd, size);
    arena.fill(9);
    for (const refused of [
      map(0, MIB + 4096, memory, 0),
      map(4095, 4096, memory, 0),
      map(0, 4095, memory, 0),
      map(8 * MIB, 4096, memory, 0),
      map(0, 4096, memory, HUGE),
      map(0, 4096, -1, 0),
      map(0, 4096, -1, 4096),
      map(huge + 4096, HUGE, -1, HUGE),
      map(huge, HUGE + 4096, -1, HUGE),
      map(huge, 3 * MIB, -1, 3 * MIB),
    ]) {
      expect(thrownBy(refused)).toMatchObject({ errnoName: "EINVAL", step: "memory" });
    }
    expect(thrownBy(map(0, 4096, -2, 0))).toMatchObject({ errnoName: "EBADF" });
    expect(arena.every((byte) => byte === 9)).toBe(true);
    kernel.close(memory);
  });

  it("is unmapped by unmapMemory and only whole, and a ring by unmapRing", () => {
    const memory = kernel.createMemory("afxdp-test", MIB, 0);
    const fd = kernel.socket();
    kernel.setRingSize(fd, "rx", 64);
    kernel.mapMemory(arena, 0, MIB, memory, 0);
    kernel.mapRing(fd, "rx", arena, MIB, 4096);
    for (const refused of [
      () => kernel.unmapRing(arena, 0, MIB),
      () => kernel.unmapMemory(arena, MIB, 4096),
      () => kernel.unmapMemory(arena, 0, 4096),
      () => kernel.mapMemory(arena, MIB, 4096, memory, 0),
      () => kernel.mapRing(fd, "rx", arena, 4096, 4096),
    ]) {
      expect(thrownBy(refused)).toMatchObject({ errnoName: "EINVAL" });
    }
    kernel.unmapMemory(arena, 0, MIB);
    kernel.unmapRing(arena, MIB, 4096);
    expect(() => kernel.unmapMemory(arena, 0, MIB)).toThrow("EINVAL");
    kernel.close(fd);
    kernel.close(memory);
  });

  it("says ENOMEM where there are no huge pages, and leaves the arena as it was", () => {
    withHugePages(1, HUGE_KB, () => {
      const size = (freePages() + 1) * HUGE;
      arena = makeArena(size + HUGE);
      const offset = kernel.alignmentOffset(arena, HUGE);
      arena[offset] = 9;
      const memory = kernel.createMemory("afxdp-test", size, HUGE);
      for (const fd of [-1, memory]) {
        const call = (): void => kernel.mapMemory(arena, offset, size, fd, HUGE);
        expect(thrownBy(call)).toMatchObject({
          ...{ code: "ERR_XDP_HUGE_PAGES", errnoName: "ENOMEM", step: "memory" },
        });
      }
      expect(arena[offset]).toBe(9);
      kernel.close(memory);
    });
  });

  it("is huge pages, which are registered as UMEM and given back", () => {
    withHugePages(2, HUGE_KB, () => {
      const free = freePages();
      const offset = kernel.alignmentOffset(arena, HUGE);
      kernel.mapMemory(arena, offset, 2 * HUGE, -1, HUGE);
      kernel.preferNode(arena, offset, 2 * HUGE, 0);
      const fd = kernel.socket();
      // Of a part of a page, too.
      kernel.registerUmem(fd, arena, { ...registration, offset: offset + 4096, length: 3 * MIB });
      arena[offset] = 3;
      expect(freePages()).toBe(free - 2);
      kernel.unmapMemory(arena, offset, 2 * HUGE);
      expect(arena[offset]).toBe(0);
      kernel.close(fd);
    });
  });

  it("is a memfd of huge pages, which two arenas see alike, and a UMEM", () => {
    withHugePages(1, HUGE_KB, () => {
      const memory = kernel.createMemory("afxdp-test", HUGE, HUGE);
      const adopted = kernel.adoptMemory(memory);
      const offset = kernel.alignmentOffset(arena, HUGE);
      const other = makeArena(8 * MIB);
      const there = kernel.alignmentOffset(other, HUGE);
      kernel.mapMemory(arena, offset, HUGE, memory, HUGE);
      kernel.mapMemory(other, there, HUGE, adopted, HUGE);
      expect(() => kernel.mapMemory(arena, offset + HUGE, HUGE, memory, 0)).toThrow("EINVAL");
      register(offset);
      arena[offset + 1] = 4;
      expect(other[there + 1]).toBe(4);
      kernel.unmapMemory(arena, offset, HUGE);
      kernel.unmapMemory(other, there, HUGE);
      kernel.close(memory);
      kernel.close(adopted);
    });
  });
});
