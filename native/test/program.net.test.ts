import type { Kernel, LoadedProgram } from "@afxdp/core";
import { createLinuxKernel } from "@afxdp/native";
import { createLab, footprint, type Lab } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { afterAll, beforeAll, expect, it } from "vitest";
import { compiledProgram } from "./programs.js";
import { thrownBy } from "./thrown-by.js";

const SKB = 2;
const DRV = 4;
const key = new Uint8Array(4);

describeOnKernel("programs, maps and links", () => {
  let lab: Lab;
  let kernel: Kernel;
  let index: number;
  let leave: () => void;
  beforeAll(() => {
    lab = createLab();
    leave = lab.a.enter();
    kernel = createLinuxKernel();
    index = kernel.interfaceState(lab.a.device).index;
  });
  afterAll(() => {
    leave();
    lab.close();
  });
  const unload = ({ program, maps }: LoadedProgram): void => {
    for (const map of Object.values(maps)) kernel.close(map);
    kernel.close(program);
  };

  it("loads a program with its maps and gives everything back", () => {
    const object = compiledProgram("redirect");
    const before = footprint();
    const loaded = kernel.loadProgram({ object });
    expect(loaded.name).toBe("afxdp_redirect");
    expect(loaded.id).toBeGreaterThan(0);
    expect(Object.keys(loaded.maps).sort()).toEqual(["packets", "xsks_map"]);
    expect(footprint()).toEqual({
      ...before,
      fds: before.fds + 3,
      bpfPrograms: before.bpfPrograms + 1,
      bpfMaps: before.bpfMaps + 2,
    });
    unload(loaded);
    expect(footprint()).toEqual(before);
  });

  it("gives a map the number of entries that it is asked for", () => {
    const loaded = kernel.loadProgram({
      object: compiledProgram("redirect"),
      mapEntries: { xsks_map: 9 },
    });
    const map = loaded.maps.xsks_map ?? -1;
    const fd = kernel.socket();
    kernel.enterXskMap(map, 8, fd);
    expect(thrownBy(() => kernel.enterXskMap(map, 9, fd))).toMatchObject({
      code: "ERR_XDP_MAP_FULL",
      errnoName: "E2BIG",
      step: "xskmap",
    });
    kernel.close(fd);
    unload(loaded);
  });

  it("says what the verifier said", () => {
    const object = compiledProgram("rejected");
    const before = footprint();
    const error = thrownBy(() => kernel.loadProgram({ object }));
    expect(error).toMatchObject({ code: "ERR_XDP_PROGRAM", errno: 13 });
    expect((error as { log: string }).log).toContain("invalid access to packet");
    expect(footprint()).toEqual(before);
  });

  it.each([
    ["two programs", () => compiledProgram("two"), 0, "exactly one program"],
    ["a program of another type", () => compiledProgram("classifier"), 0, "section 'xdp'"],
    ["no ELF object", () => new Uint8Array(100), 0, "ELF"],
    ["nothing", () => new Uint8Array(0), 22, ""],
  ])("refuses an object with %s", (_, object, errno, log) => {
    const image = { object: object() };
    const before = footprint();
    const error = thrownBy(() => kernel.loadProgram(image));
    expect(error).toMatchObject({ code: "ERR_XDP_PROGRAM", errno });
    expect((error as { log: string }).log).toContain(log);
    expect(footprint()).toEqual(before);
  });

  it("refuses an object that was cut off anywhere in its tables", () => {
    const object = compiledProgram("redirect");
    const before = footprint();
    for (let length = 1; length < object.length; length += 61) {
      const image = { object: object.subarray(0, length) };
      expect(thrownBy(() => kernel.loadProgram(image))).toMatchObject({ code: "ERR_XDP_PROGRAM" });
    }
    expect(footprint()).toEqual(before);
  });

  it("refuses entries for a map that the object does not have", () => {
    const object = compiledProgram("redirect");
    const image = { object, mapEntries: { nowhere: 4 } };
    const error = thrownBy(() => kernel.loadProgram(image));
    expect(error).toMatchObject({ code: "ERR_XDP_PROGRAM", errno: 2 });
    expect((error as { log: string }).log).toContain("'nowhere'");
  });

  it("takes keys and values of exactly the map's sizes", () => {
    const loaded = kernel.loadProgram({ object: compiledProgram("redirect") });
    const map = loaded.maps.packets ?? -1;
    const cpus = lab.a.run("cat", "/sys/devices/system/cpu/possible").trim().split("-").at(-1);
    const size = 8 * (Number(cpus) + 1);
    kernel.updateMap(map, key, new Uint8Array(size), 0);
    for (const bad of [0, 8 * Number(cpus), size - 1, size + 1]) {
      expect(() => kernel.updateMap(map, key, new Uint8Array(bad), 0)).toThrow("EINVAL");
    }
    for (const bad of [0, 3, 5]) {
      expect(() => kernel.updateMap(map, new Uint8Array(bad), new Uint8Array(size), 0)).toThrow(
        "EINVAL",
      );
    }
    unload(loaded);
  });

  it.each([
    ["drv", DRV],
    ["skb", SKB],
  ])("attaches in mode %s, is found there, and detaches on close", (mode, flags) => {
    const loaded = kernel.loadProgram({ object: compiledProgram("pass") });
    expect(kernel.attachedProgram(index)).toBeUndefined();
    const link = kernel.attachProgram(loaded.program, index, flags);
    expect(kernel.attachedProgram(index)).toEqual({ id: loaded.id, name: "afxdp_pass", mode });
    expect(lab.a.run("ip", "link", "show", lab.a.device)).toContain(`id ${loaded.id}`);
    expect(thrownBy(() => kernel.attachProgram(loaded.program, index, flags))).toMatchObject({
      code: "ERR_XDP_PROGRAM_PRESENT",
      errnoName: "EBUSY",
    });
    kernel.close(link);
    expect(kernel.attachedProgram(index)).toBeUndefined();
    unload(loaded);
  });

  it("finds a program that somebody else attached, and does not get over it", () => {
    const path = `${import.meta.dirname}/../build/test/pass.o`;
    const loaded = kernel.loadProgram({ object: compiledProgram("pass") });
    lab.a.run("ip", "link", "set", lab.a.device, "xdpgeneric", "object", path, "section", "xdp");
    const found = kernel.attachedProgram(index);
    expect(found).toMatchObject({ name: "afxdp_pass", mode: "skb" });
    expect(found?.id).not.toBe(loaded.id);
    expect(thrownBy(() => kernel.attachProgram(loaded.program, index, SKB))).toMatchObject({
      code: "ERR_XDP_PROGRAM_PRESENT",
    });
    expect(kernel.attachedProgram(index)).toEqual(found);
    lab.a.run("ip", "link", "set", lab.a.device, "xdpgeneric", "off");
    unload(loaded);
  });
});
