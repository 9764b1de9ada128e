import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import type { BpfKind, Kernel, LoadedProgram } from "@afxdp/core";
import { createLinuxKernel } from "@afxdp/native";
import { type BpfFs, footprint, mountBpfFs } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { compiledProgram } from "./programs.js";
import { thrownBy } from "./thrown-by.js";

const DRV = 4;
const KINDS: readonly BpfKind[] = ["program", "map", "link"];

describeOnKernel("a pin", () => {
  const lab = useLab();
  let kernel: Kernel;
  let index: number;
  let mounted: BpfFs;
  let outside: string;
  let loaded: LoadedProgram;
  beforeAll(() => {
    kernel = createLinuxKernel();
    index = kernel.interfaceState(lab.a.device).index;
    mounted = mountBpfFs();
    outside = mkdtempSync(`${tmpdir()}/afxdp-pins-`);
    loaded = kernel.loadProgram({ object: compiledProgram("redirect") });
  });
  afterAll(() => {
    for (const map of Object.values(loaded.maps)) kernel.close(map);
    kernel.close(loaded.program);
    rmSync(outside, { recursive: true });
    mounted.close();
  });
  const refuses = (call: () => void, errnoName: string, hint: string): void => {
    const before = footprint();
    const error = thrownBy(call);
    expect(error).toMatchObject({ code: "ERR_XDP_SYSCALL", errnoName, step: "pin" });
    expect((error as { hint: string }).hint).toContain(hint);
    expect(footprint()).toEqual(before);
  };

  it.each(KINDS)("keeps a %s, and gives it back to who opens it", async (kind) => {
    const path = `${mounted.path}/${kind}`;
    const link = kernel.attachProgram(loaded.program, index, DRV);
    const fds = { program: loaded.program, map: loaded.maps.xsks_map ?? -1, link };
    kernel.pin(fds[kind], path);
    expect(existsSync(path)).toBe(true);
    const opened = kernel.openPinned(path);
    expect(opened.kind).toBe(kind);
    if (kind === "program") expect(kernel.programInfo(opened.fd).id).toBe(loaded.id);
    if (kind === "map") {
      expect(kernel.mapInfo(opened.fd).id).toBe(kernel.mapInfo(fds.map).id);
    }
    if (kind === "link") {
      kernel.close(link);
      kernel.close(opened.fd);
      expect(kernel.attachedProgram(index)?.id).toBe(loaded.id);
    } else {
      kernel.close(opened.fd);
      kernel.close(link);
    }
    kernel.unpin(path);
    expect(existsSync(path)).toBe(false);
    // The kernel lets go of what was pinned a little later.
    await vi.waitFor(() => expect(kernel.attachedProgram(index)).toBeUndefined(), 10_000);
    kernel.unpin(path);
  });

  it("may be removed where there is none, be it without a directory", () => {
    kernel.unpin(`${mounted.path}/nothing`);
    kernel.unpin(`${mounted.path}/nowhere/nothing`);
    kernel.unpin(`${outside}/nothing`);
    kernel.unpin("/nowhere/nothing");
  });

  it("cannot be made outside of a BPF file system", () => {
    refuses(() => kernel.pin(loaded.program, `${outside}/x`), "EPERM", "BPF file system");
    expect(existsSync(`${outside}/x`)).toBe(false);
  });

  it("cannot be made twice, without a directory, or under a name with a dot", () => {
    const path = `${mounted.path}/once`;
    kernel.pin(loaded.program, path);
    refuses(() => kernel.pin(loaded.program, path), "EEXIST", "already");
    kernel.unpin(path);
    refuses(() => kernel.pin(loaded.program, `${path}/x`), "ENOENT", "mount -t bpf");
    refuses(() => kernel.pin(loaded.program, `${path}.x`), "EPERM", "without dots");
    for (const bad of ["", `${path}\0x`]) {
      refuses(() => kernel.pin(loaded.program, bad), "ENOENT", "directory");
    }
    expect(existsSync(path)).toBe(false);
  });

  it("is made of a program, a map or a link only", () => {
    const socket = kernel.socket();
    for (const fd of [socket, 0, 9999, -1]) {
      expect(thrownBy(() => kernel.pin(fd, `${mounted.path}/x`))).toMatchObject({
        ...{ errnoName: "EBADF", step: "pin" },
      });
    }
    kernel.close(socket);
  });

  it("cannot be opened where there is none", () => {
    writeFileSync(`${outside}/file`, "");
    mkdirSync(`${mounted.path}/directory`);
    refuses(() => kernel.openPinned(`${mounted.path}/nothing`), "ENOENT", "Nothing is pinned");
    refuses(() => kernel.openPinned(""), "ENOENT", "Nothing is pinned");
    refuses(() => kernel.openPinned(`${outside}/file`), "EACCES", "BPF file system");
    refuses(() => kernel.openPinned(`${mounted.path}/directory`), "EACCES", "directory");
    refuses(() => kernel.openPinned(`${mounted.path}/a.b`), "EPERM", "without dots");
  });

  it("is all that can be removed", () => {
    const file = `${outside}/precious`;
    writeFileSync(file, "");
    refuses(() => kernel.unpin(file), "EINVAL", "no pin");
    expect(existsSync(file)).toBe(true);
    const directory = `${mounted.path}/kept`;
    mkdirSync(directory);
    refuses(() => kernel.unpin(directory), "EINVAL", "no pin");
    refuses(() => kernel.unpin(`${directory}/`), "EINVAL", "no pin");
    const symbolic = `${mounted.path}/symbolic`;
    symlinkSync(file, symbolic);
    refuses(() => kernel.unpin(symbolic), "EINVAL", "no pin");
    expect(existsSync(symbolic)).toBe(true);
    for (const bad of ["", `${mounted.path}/a\0b`]) {
      refuses(() => kernel.unpin(bad), "EINVAL", "no pin");
    }
  });
});
