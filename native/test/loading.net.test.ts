import { existsSync } from "node:fs";
import type { Kernel, LoadedProgram, ProgramImage } from "@afxdp/core";
import { createLinuxKernel } from "@afxdp/native";
import { footprint } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { beforeAll, describe, expect, it } from "vitest";
import { compiledProgram, type ProgramName } from "./programs.js";
import { thrownBy } from "./thrown-by.js";

const SKB = 2;
const DRV = 4;
/** The index of `lo` in every network namespace; it has no ndo_bpf. */
const LOOPBACK = 1;

describeOnKernel("loading a program", () => {
  // A peer with this MTU takes no program in driver mode but one with BPF_F_XDP_HAS_FRAGS.
  const lab = useLab({ mtu: 9000 });
  let kernel: Kernel;
  let index: number;
  beforeAll(() => {
    kernel = createLinuxKernel();
    index = kernel.interfaceState(lab.a.device).index;
  });
  const load = (name: ProgramName, image: Omit<ProgramImage, "object"> = {}): LoadedProgram =>
    kernel.loadProgram({ object: compiledProgram(name), ...image });
  const unload = ({ program, maps }: LoadedProgram): void => {
    for (const map of Object.values(maps)) kernel.close(map);
    kernel.close(program);
  };
  const refuses = (
    name: ProgramName,
    image: Omit<ProgramImage, "object">,
    expected: object,
  ): Error & { log: string; hint: string } => {
    const object = compiledProgram(name);
    const before = footprint();
    const error = thrownBy(() => kernel.loadProgram({ object, ...image }));
    expect(error).toMatchObject(expected);
    expect(footprint()).toEqual(before);
    return error as Error & { log: string; hint: string };
  };

  describe("of several in the object", () => {
    it("loads the one that is named, and not the others", () => {
      const object = compiledProgram("several");
      const before = footprint();
      const loaded = kernel.loadProgram({ object, programName: "afxdp_good" });
      expect(loaded.name).toBe("afxdp_good");
      expect(footprint().bpfPrograms).toBe(before.bpfPrograms + 1);
      expect(kernel.programInfo(loaded.program)).toMatchObject({ id: loaded.id, type: 6 });
      unload(loaded);
      expect(footprint()).toEqual(before);
    });

    it("says which there are when none is named, or another", () => {
      const names = "afxdp_good, afxdp_refused, afxdp_other, afxdp_devmap";
      expect(refuses("several", {}, { code: "ERR_XDP_PROGRAM", errno: 0 }).message).toContain(
        names,
      );
      const programName = "nowhere";
      const error = refuses("several", { programName }, { code: "ERR_XDP_PROGRAM", errno: 2 });
      expect(error.message).toContain("'nowhere'");
      expect(error.message).toContain(names);
    });

    it.each(["", "afxdp_good\0x", "afxdp_goo"])("does not take %j for a name", (programName) => {
      refuses("several", { programName }, { code: "ERR_XDP_PROGRAM" });
    });

    it.each(["afxdp_other", "afxdp_devmap"])(
      "refuses %s, which is for another hook",
      (programName) => {
        const error = refuses("several", { programName }, { code: "ERR_XDP_PROGRAM", errno: 0 });
        expect(error.message).toContain("section 'xdp'");
      },
    );

    it("pins nothing, whatever the object says", () => {
      unload(load("several", { programName: "afxdp_good" }));
      expect(existsSync("/sys/fs/bpf/afxdp_pinned")).toBe(false);
    });
  });

  describe("with maps of others", () => {
    it("uses them, under the object's names, and leaves them to their owner", () => {
      const owner = load("redirect");
      const shared = owner.maps.xsks_map ?? -1;
      const { id } = kernel.mapInfo(shared);
      const before = footprint();
      const user = load("redirect", { maps: { xsks_map: shared } });
      expect(Object.keys(user.maps).sort()).toEqual(["packets", "xsks_map"]);
      expect(kernel.mapInfo(user.maps.xsks_map ?? -1).id).toBe(id);
      expect(kernel.mapInfo(user.maps.packets ?? -1).id).not.toBe(
        kernel.mapInfo(owner.maps.packets ?? -1).id,
      );
      expect(kernel.programInfo(user.program).mapIds).toContain(id);
      unload(user);
      expect(footprint()).toEqual(before);
      expect(kernel.mapInfo(shared).id).toBe(id);
      unload(owner);
    });

    it("takes one of another number of entries, and keeps that", () => {
      const owner = load("redirect", { mapEntries: { xsks_map: 64 } });
      const maps = { xsks_map: owner.maps.xsks_map ?? -1 };
      const user = load("redirect", { maps });
      expect(kernel.mapInfo(user.maps.xsks_map ?? -1).maxEntries).toBe(64);
      unload(user);
      refuses(
        "redirect",
        { maps, mapEntries: { xsks_map: 4 } },
        { code: "ERR_XDP_PROGRAM", errno: 22 },
      );
      unload(owner);
    });

    it("refuses one of another type or size, a name that the object has not, and what is no map", () => {
      const owner = load("redirect");
      const { xsks_map = -1, packets = -1 } = owner.maps;
      const program = { code: "ERR_XDP_PROGRAM", errno: 22 };
      expect(refuses("redirect", { maps: { xsks_map: packets } }, program).message).toContain(
        "map 'xsks_map' has another type",
      );
      const absent = { code: "ERR_XDP_PROGRAM", errno: 2 };
      expect(refuses("redirect", { maps: { nowhere: xsks_map } }, absent).message).toContain(
        "'nowhere'",
      );
      const foreign = { code: "ERR_XDP_SYSCALL", errnoName: "EBADF", step: "program" };
      for (const fd of [owner.program, 0, 9999, 2 ** 31]) {
        const error = refuses("redirect", { maps: { xsks_map: fd } }, foreign);
        expect(error.message).toContain("'xsks_map'");
      }
      unload(owner);
    });
  });

  describe("for packets of several buffers", () => {
    const attaches = (program: number): boolean => {
      try {
        kernel.close(kernel.attachProgram(program, index, DRV));
        return true;
      } catch (error) {
        expect(error).toMatchObject({ code: "ERR_XDP_ATTACH", errnoName: "ERANGE" });
        return false;
      }
    };

    it.each<[ProgramName, boolean | undefined, boolean]>([
      ["pass", undefined, false],
      ["pass", true, true],
      ["pass", false, false],
      ["redirect", undefined, true],
      ["redirect", true, true],
      ["redirect", false, false],
    ])("loads %s with frags %s: %s", (name, frags, expected) => {
      const loaded = load(name, frags === undefined ? {} : { frags });
      expect(attaches(loaded.program)).toBe(expected);
      unload(loaded);
    });

    it("does not take the flag from one load to the next", () => {
      unload(load("redirect", { frags: false }));
      const loaded = load("redirect");
      expect(attaches(loaded.program)).toBe(true);
      unload(loaded);
    });
  });

  describe("bound to a device", () => {
    it.each([false, true])("lets it ask the driver for hints (frags %s)", (frags) => {
      const loaded = load("hints", { deviceIndex: index, frags });
      // Without frags, this MTU lets no program in.
      if (frags) kernel.close(kernel.attachProgram(loaded.program, index, DRV));
      const elsewhere = thrownBy(() => kernel.attachProgram(loaded.program, LOOPBACK, DRV));
      expect(elsewhere).toMatchObject({ code: "ERR_XDP_ATTACH", errnoName: "EINVAL" });
      const generic = thrownBy(() => kernel.attachProgram(loaded.program, index, SKB));
      expect(generic).toMatchObject({ code: "ERR_XDP_ATTACH", errnoName: "EINVAL" });
      unload(loaded);
    });

    it("says of a program that asks for hints and is not bound what the verifier says", () => {
      const error = refuses("hints", {}, { code: "ERR_XDP_PROGRAM", errno: 22 });
      expect(error.message).toContain("require device-bound program");
    });

    it("tells a driver without it from an interface that is not there", () => {
      const driver = { code: "ERR_XDP_FEATURE", feature: "rxHints", minimumKernel: "6.3" };
      const error = refuses("hints", { deviceIndex: LOOPBACK }, driver);
      expect(error.message).toContain(`driver of interface ${LOOPBACK}`);
      const missing = { code: "ERR_XDP_NO_DEVICE", errnoName: "ENODEV", step: "program" };
      refuses("hints", { deviceIndex: 9999 }, missing);
    });

    it("tells both from a program that the verifier refuses", () => {
      refuses("rejected", { deviceIndex: index }, { code: "ERR_XDP_PROGRAM", errno: 13 });
    });

    it.each([0, -1, 0.5, 2 ** 32, Number.NaN])("does not take %d for an index", (deviceIndex) => {
      refuses("hints", { deviceIndex }, { code: "ERR_XDP_SYSCALL", errnoName: "EINVAL" });
    });
  });

  describe("that the verifier refuses", () => {
    it("tells the reason in the message", () => {
      const error = refuses("rejected", {}, { code: "ERR_XDP_PROGRAM", errno: 13 });
      expect(error.message).toContain("EACCES");
      expect(error.message).toContain("invalid access to packet");
      expect(error.message).not.toContain("processed");
      expect(error.log).toContain("processed");
    });

    it("has the end of a long log in the message, and all of it in the error", () => {
      const error = refuses("tedious", {}, { code: "ERR_XDP_PROGRAM", errno: 13 });
      expect(error.message).toContain("invalid access to packet");
      expect(error.message.length).toBeLessThan(1100);
      expect(error.log.split("\n").length).toBeGreaterThan(4000);
      expect(error.log).toContain("\n0: ");
      expect(error.log).toContain("invalid access to packet");
    });
  });
});
