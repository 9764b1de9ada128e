import { closeSync, openSync, readdirSync, readFileSync } from "node:fs";
import type { BpfKind, Kernel, LoadedProgram } from "@afxdp/core";
import { createLinuxKernel } from "@afxdp/native";
import { footprint } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { compiledProgram } from "./programs.js";
import { thrownBy } from "./thrown-by.js";

const DRV = 4;
const KINDS: readonly BpfKind[] = ["program", "map", "link"];
const key = new Uint8Array(4);

describeOnKernel("a program, a map and a link", () => {
  const lab = useLab();
  let kernel: Kernel;
  let index: number;
  let loaded: LoadedProgram;
  let fds: Record<BpfKind, number>;
  beforeAll(() => {
    kernel = createLinuxKernel();
    index = kernel.interfaceState(lab.a.device).index;
  });
  beforeEach(() => {
    loaded = kernel.loadProgram({ object: compiledProgram("redirect") });
    const link = kernel.attachProgram(loaded.program, index, DRV);
    fds = { program: loaded.program, map: loaded.maps.xsks_map ?? -1, link };
  });
  afterEach(() => {
    kernel.close(fds.link);
    for (const map of Object.values(loaded.maps)) kernel.close(map);
    kernel.close(loaded.program);
  });
  /** The id that /proc has for a descriptor. */
  const idOf = (fd: number, kind: BpfKind): number => {
    const field = { program: "prog_id", map: "map_id", link: "link_id" }[kind];
    const text = readFileSync(`/proc/self/fdinfo/${fd}`, "utf8");
    return Number(new RegExp(`^${field}:\\s*(\\d+)$`, "m").exec(text)?.[1]);
  };
  /** Uses a descriptor as what it is, which nothing else can be used as. */
  const use = (fd: number, kind: BpfKind): void => {
    if (kind === "program") expect(kernel.programInfo(fd).id).toBe(loaded.id);
    if (kind === "map") kernel.leaveXskMap(fd, 0);
    if (kind === "link") kernel.updateLink(fd, loaded.program, loaded.program);
  };

  it.each(KINDS)("opens a %s by its id, as a descriptor of its own", (kind) => {
    const before = footprint();
    const fd = kernel.openBpf(kind, idOf(fds[kind], kind));
    expect(fd).not.toBe(fds[kind]);
    expect(idOf(fd, kind)).toBe(idOf(fds[kind], kind));
    use(fd, kind);
    kernel.close(fd);
    expect(footprint()).toEqual(before);
  });

  it.each(KINDS)("finds no %s with an id that there is not", (kind) => {
    for (const id of [0, 2 ** 32 - 1]) {
      const error = thrownBy(() => kernel.openBpf(kind, id));
      expect(error).toMatchObject({
        code: "ERR_XDP_SYSCALL",
        errnoName: "ENOENT",
        step: "program",
      });
      expect((error as { hint: string }).hint).toContain(`no ${kind} with this id`);
    }
    for (const id of [-1, 0.5, 2 ** 32, Number.NaN]) {
      expect(thrownBy(() => kernel.openBpf(kind, id))).toMatchObject({ errnoName: "EINVAL" });
    }
  });

  it("opens no other kind", () => {
    expect(() => kernel.openBpf("btf" as BpfKind, 1)).toThrow(TypeError);
  });

  it.each(KINDS)("takes in a %s that somebody else opened", (kind) => {
    const before = footprint();
    const adopted = kernel.adoptBpf(fds[kind]);
    expect(adopted).toMatchObject({
      ...{ kind, id: idOf(fds[kind], kind), interfaceIndex: kind === "link" ? index : 0 },
    });
    expect(adopted.fd).not.toBe(fds[kind]);
    expect(idOf(adopted.fd, kind)).toBe(idOf(fds[kind], kind));
    use(adopted.fd, kind);
    const flags = /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${adopted.fd}`, "utf8"));
    expect(Number.parseInt(flags?.[1] ?? "0", 8) & 0o2000000).toBe(0o2000000);
    kernel.close(adopted.fd);
    expect(footprint()).toEqual(before);
  });

  it("takes in nothing else", () => {
    const file = openSync("/dev/null", "r");
    const socket = kernel.socket();
    const before = footprint();
    for (const fd of [0, file, socket]) {
      const error = thrownBy(() => kernel.adoptBpf(fd));
      expect(error).toMatchObject({
        code: "ERR_XDP_SYSCALL",
        errnoName: "EINVAL",
        step: "program",
      });
    }
    expect(thrownBy(() => kernel.adoptBpf(9999))).toMatchObject({ errnoName: "EBADF" });
    for (const fd of [-1, 0.5, 2 ** 31, Number.NaN]) {
      expect(thrownBy(() => kernel.adoptBpf(fd))).toMatchObject({ errnoName: "EINVAL" });
    }
    expect(footprint()).toEqual(before);
    kernel.close(socket);
    closeSync(file);
  });

  it("keeps the interface's program for as long as one descriptor of the link is open", () => {
    const second = kernel.adoptBpf(fds.link).fd;
    kernel.close(fds.link);
    expect(kernel.attachedProgram(index)?.id).toBe(loaded.id);
    kernel.close(second);
    expect(kernel.attachedProgram(index)).toBeUndefined();
    fds.link = kernel.attachProgram(loaded.program, index, DRV);
  });

  it("says of a program what bpftool says", () => {
    const info = kernel.programInfo(loaded.program);
    const [, ...rest] = JSON.parse(
      `[0,${lab.a.run("bpftool", "-j", "prog", "show", "id", `${loaded.id}`)}]`,
    );
    expect(rest[0]).toMatchObject({ id: info.id, name: "afxdp_redirect", type: "xdp" });
    expect(info.type).toBe(6);
    expect(info.tag).toMatch(/^[0-9a-f]{16}$/);
    expect(info.tag).toBe(rest[0].tag);
    expect([...info.mapIds].sort()).toEqual([...rest[0].map_ids].sort());
    expect([...info.mapIds].sort()).toEqual(
      Object.values(loaded.maps)
        .map((map) => kernel.mapInfo(map).id)
        .sort(),
    );
    expect(info.deviceIndex).toBe(0);
  });

  it("says of a program without maps that it has none", () => {
    const { program } = kernel.loadProgram({ object: compiledProgram("pass") });
    expect(kernel.programInfo(program)).toMatchObject({ name: "afxdp_pass", mapIds: [] });
    kernel.close(program);
  });

  it("says what a map is", () => {
    expect(kernel.mapInfo(fds.map)).toEqual({
      ...{ id: idOf(fds.map, "map"), name: "xsks_map", type: 17 },
      ...{ keySize: 4, valueSize: 4, maxEntries: 4 },
    });
  });

  it("reads a map's value of all processors, and nothing where there is no entry", () => {
    const packets = loaded.maps.packets ?? -1;
    const possible = lab.a.run("cat", "/sys/devices/system/cpu/possible").trim().split("-").at(-1);
    const value = new Uint8Array(8 * (Number(possible) + 1)).map((_, i) => i + 1);
    kernel.updateMap(packets, key, value, 0);
    expect(kernel.lookupMap(packets, key)).toEqual(value);
    expect(kernel.lookupMap(packets, new Uint8Array([1, 0, 0, 0]))).toBeUndefined();
  });

  it("reads a map's value of its own size", () => {
    const object = compiledProgram("several");
    const { program, maps } = kernel.loadProgram({ object, programName: "afxdp_good" });
    const map = maps.afxdp_pinned ?? -1;
    const value = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(kernel.lookupMap(map, key)).toBeUndefined();
    kernel.updateMap(map, key, value, 0);
    expect(kernel.lookupMap(map, key)).toEqual(value);
    kernel.close(map);
    kernel.close(program);
  });

  it("refuses to read an XSKMAP, a key of another size, and what is no map", () => {
    expect(thrownBy(() => kernel.lookupMap(fds.map, key))).toMatchObject({
      ...{ code: "ERR_XDP_SYSCALL", errnoName: "EOPNOTSUPP", step: "program" },
    });
    for (const bad of [0, 3, 5]) {
      const short = thrownBy(() =>
        kernel.lookupMap(loaded.maps.packets ?? -1, new Uint8Array(bad)),
      );
      expect(short).toMatchObject({ errnoName: "EINVAL" });
    }
    expect(thrownBy(() => kernel.lookupMap(fds.program, key))).toMatchObject({
      errnoName: "EBADF",
    });
  });

  it.each(KINDS)("takes a %s only for what it is", (kind) => {
    const calls: Record<BpfKind, (fd: number) => unknown> = {
      program: (fd) => kernel.programInfo(fd),
      map: (fd) => kernel.mapInfo(fd),
      link: (fd) => kernel.updateLink(fd, loaded.program, -1),
    };
    const { fd } = kernel.adoptBpf(fds[kind]);
    for (const other of KINDS.filter((name) => name !== kind)) {
      expect(thrownBy(() => calls[other](fd))).toMatchObject({ errnoName: "EBADF" });
    }
    kernel.close(fd);
    expect(thrownBy(() => calls[kind](fd))).toMatchObject({ errnoName: "EBADF" });
  });

  it("leaves no descriptor open when it says no", () => {
    const before = readdirSync("/proc/self/fd").length;
    for (let i = 0; i < 50; i++) expect(() => kernel.adoptBpf(0)).toThrow("EINVAL");
    expect(readdirSync("/proc/self/fd").length).toBe(before);
  });
});
