import type { Kernel, LoadedProgram } from "@afxdp/core";
import { createLinuxKernel } from "@afxdp/native";
import { createLab, footprint } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { compiledProgram } from "./programs.js";
import { thrownBy } from "./thrown-by.js";

const NOEXIST = 1;
const SKB = 2;
const DRV = 4;
const HW = 8;
const REPLACE = 16;
const MODES = [
  ["drv", DRV],
  ["skb", SKB],
] as const;

describeOnKernel("attaching", () => {
  const lab = useLab();
  let kernel: Kernel;
  let index: number;
  let first: LoadedProgram;
  let second: LoadedProgram;
  beforeAll(() => {
    kernel = createLinuxKernel();
    index = kernel.interfaceState(lab.a.device).index;
    first = kernel.loadProgram({ object: compiledProgram("pass") });
    second = kernel.loadProgram({ object: compiledProgram("redirect") });
  });
  afterAll(() => {
    for (const { program, maps } of [first, second]) {
      for (const map of Object.values(maps)) kernel.close(map);
      kernel.close(program);
    }
  });
  afterEach(() => {
    expect(kernel.attachedProgram(index)).toBeUndefined();
  });
  const attached = (): number | undefined => kernel.attachedProgram(index)?.id;
  const refuses = (call: () => unknown, code: string, errnoName: string, hint = ""): void => {
    const before = { ...footprint(), attached: attached() };
    const error = thrownBy(call);
    expect(error).toMatchObject({ name: "XdpSystemError", code, errnoName });
    expect((error as { hint: string }).hint).toContain(hint);
    expect({ ...footprint(), attached: attached() }).toEqual(before);
  };

  describe.each(MODES)("by a link, in mode %s", (_, flags) => {
    it("puts another program on the link, with or without an expected one", () => {
      const link = kernel.attachProgram(first.program, index, flags);
      kernel.updateLink(link, second.program, -1);
      expect(attached()).toBe(second.id);
      kernel.updateLink(link, first.program, second.program);
      expect(attached()).toBe(first.id);
      kernel.close(link);
    });

    it("says that another program is there when it is not the expected one", () => {
      const link = kernel.attachProgram(first.program, index, flags);
      const update = (): void => kernel.updateLink(link, second.program, second.program);
      refuses(update, "ERR_XDP_PROGRAM_PRESENT", "EPERM", "another program");
      expect(thrownBy(update)).toMatchObject({ step: "attach" });
      expect((thrownBy(update) as Error).message).toContain(`program ${first.id}`);
      kernel.close(link);
    });

    it("lets netlink neither replace nor remove it, nor a second link come", () => {
      const link = kernel.attachProgram(first.program, index, flags);
      for (const expected of [-1, first.program]) {
        for (const program of [-1, second.program]) {
          const call = (): void => kernel.attachByNetlink(index, program, flags, expected);
          refuses(call, "ERR_XDP_PROGRAM_PRESENT", "EBUSY", "Can't replace active BPF XDP link");
        }
      }
      const another = (): number => kernel.attachProgram(second.program, index, flags);
      refuses(another, "ERR_XDP_PROGRAM_PRESENT", "EBUSY");
      kernel.close(link);
    });
  });

  it("says that the device is gone to who updates a link of it", () => {
    const other = createLab();
    const back = other.a.enter();
    const there = kernel.interfaceState(other.a.device).index;
    const link = kernel.attachProgram(first.program, there, DRV);
    back();
    other.close();
    const update = (): void => kernel.updateLink(link, second.program, -1);
    refuses(update, "ERR_XDP_DEVICE_GONE", "ENOLINK");
    kernel.close(link);
  });

  it("updates with programs only", () => {
    const link = kernel.attachProgram(first.program, index, DRV);
    const map = second.maps.xsks_map ?? -1;
    refuses(() => kernel.updateLink(link, map, -1), "ERR_XDP_SYSCALL", "EBADF");
    refuses(() => kernel.updateLink(link, second.program, map), "ERR_XDP_SYSCALL", "EBADF");
    refuses(() => kernel.updateLink(link, second.program, -2), "ERR_XDP_SYSCALL", "EBADF");
    refuses(() => kernel.updateLink(first.program, second.program, -1), "ERR_XDP_SYSCALL", "EBADF");
    kernel.close(link);
  });

  describe.each(MODES)("over netlink, in mode %s", (mode, flags) => {
    it("attaches, replaces and detaches, and holds no descriptor", () => {
      const before = footprint();
      kernel.attachByNetlink(index, first.program, flags, -1);
      expect(kernel.attachedProgram(index)).toEqual({ id: first.id, name: "afxdp_pass", mode });
      kernel.attachByNetlink(index, second.program, flags, -1);
      expect(attached()).toBe(second.id);
      kernel.attachByNetlink(index, first.program, flags, second.program);
      expect(attached()).toBe(first.id);
      kernel.attachByNetlink(index, -1, flags, first.program);
      expect(attached()).toBeUndefined();
      kernel.attachByNetlink(index, -1, flags, -1);
      expect(footprint()).toEqual(before);
    });

    it("touches only the expected program", () => {
      const replace = (program: number): (() => void) => {
        return () => kernel.attachByNetlink(index, program, flags, second.program);
      };
      const hint = "not the expected one";
      refuses(replace(second.program), "ERR_XDP_PROGRAM_PRESENT", "EEXIST", hint);
      kernel.attachByNetlink(index, first.program, flags, -1);
      refuses(replace(second.program), "ERR_XDP_PROGRAM_PRESENT", "EEXIST", hint);
      refuses(replace(-1), "ERR_XDP_PROGRAM_PRESENT", "EEXIST", hint);
      expect(thrownBy(replace(-1))).toMatchObject({ step: "detach" });
      kernel.attachByNetlink(index, -1, flags, -1);
    });

    it("does not get over a program when it is told to, and lets no link over it", () => {
      kernel.attachByNetlink(index, first.program, flags, -1);
      for (const more of [NOEXIST, REPLACE]) {
        const call = (): void => kernel.attachByNetlink(index, second.program, flags | more, -1);
        const errno = more === NOEXIST ? "EBUSY" : "EEXIST";
        refuses(call, "ERR_XDP_PROGRAM_PRESENT", errno, "The kernel says");
      }
      const link = (): number => kernel.attachProgram(second.program, index, flags);
      refuses(link, "ERR_XDP_PROGRAM_PRESENT", "EBUSY");
      kernel.attachByNetlink(index, -1, flags, -1);
    });

    it("has one mode at a time", () => {
      const other = flags === DRV ? SKB : DRV;
      kernel.attachByNetlink(index, first.program, flags, -1);
      const both = "Native and generic XDP can't be active at the same time";
      const netlink = (): void => kernel.attachByNetlink(index, second.program, other, -1);
      refuses(netlink, "ERR_XDP_PROGRAM_PRESENT", "EEXIST", both);
      refuses(
        () => kernel.attachProgram(second.program, index, other),
        "ERR_XDP_PROGRAM_PRESENT",
        "EEXIST",
      );
      kernel.attachByNetlink(index, -1, flags, -1);
    });
  });

  it.each([
    ["both modes", SKB | DRV],
    ["the hardware's mode", HW],
    ["a flag that there is not", 1 << 20],
    ["more than 32 bits", 2 ** 32],
  ])("refuses %s", (_, flags) => {
    refuses(
      () => kernel.attachByNetlink(index, first.program, flags, -1),
      "ERR_XDP_ATTACH",
      "EINVAL",
    );
    refuses(() => kernel.attachProgram(first.program, index, flags), "ERR_XDP_ATTACH", "EINVAL");
  });

  it("finds no interface with an index that there is not", () => {
    for (const program of [first.program, -1]) {
      const call = (): void => kernel.attachByNetlink(9999, program, DRV, -1);
      refuses(call, "ERR_XDP_NO_DEVICE", "ENODEV");
    }
    for (const bad of [0, -1, 0.5, 2 ** 31, Number.NaN]) {
      const call = (): void => kernel.attachByNetlink(bad, first.program, DRV, -1);
      refuses(call, "ERR_XDP_ATTACH", "EINVAL");
    }
  });

  it("stays over netlink when the process ends", () => {
    const script = `
      import { createLinuxKernel } from "@afxdp/native";
      import { readFileSync } from "node:fs";
      const kernel = createLinuxKernel();
      const object = readFileSync(process.argv[1]);
      const { program } = kernel.loadProgram({ object });
      kernel.attachByNetlink(${index}, program, ${DRV}, -1);`;
    const path = `${import.meta.dirname}/../build/test/pass.o`;
    lab.a.run(
      "env",
      "-C",
      import.meta.dirname,
      process.execPath,
      "--input-type=module",
      "-e",
      script,
      path,
    );
    expect(kernel.attachedProgram(index)).toMatchObject({ name: "afxdp_pass", mode: "drv" });
    kernel.attachByNetlink(index, -1, DRV, -1);
  });
});
