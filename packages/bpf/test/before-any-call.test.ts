import { attachProgram, loadObject, loadSteering, redirect, useMap, useProgram } from "@afxdp/bpf";
import type { Kernel } from "@afxdp/core";
import { expect, it } from "vitest";
import { refused } from "./support/refused.js";

/** A Kernel of which every call fails the test. */
const untouched = new Proxy({} as Kernel, {
  get(_, property): never {
    throw new Error(`the kernel was asked for ${String(property)}`);
  },
});

it.each([0, -1, 1.5, Number.NaN, 65537, "4", undefined])(
  "%s queues are refused before any system call",
  (queues) => {
    const load = () => loadSteering(untouched, { rules: redirect.all(), queues: queues as never });
    expect(refused("ERR_XDP_ARGUMENT", load).message).toContain(`queues ${queues}`);
  },
);

it("malformed rules are refused before any system call", () => {
  refused("ERR_XDP_RULE", () => loadSteering(untouched, { rules: [], queues: 1 }));
});

it.each([0, 65, 1.5, Number.NaN, "2", null])(
  "%s slots are refused before any system call",
  (slots) => {
    const options = { rules: redirect.all(), queues: 1, slots: slots as never };
    refused("ERR_XDP_ARGUMENT", () => loadSteering(untouched, options));
  },
);

it.each([
  {},
  { interfaceIndex: 0 },
  { interfaceIndex: -1 },
  { interfaceIndex: "lo" },
  { device: 2 },
  2,
])("hints %j are refused before any system call", (hints) => {
  const options = { rules: redirect.all(), queues: 1, hints: hints as never };
  refused("ERR_XDP_ARGUMENT", () => loadSteering(untouched, options));
});

it.each([
  { object: new Uint8Array(0) },
  { object: "x" },
  {},
  { object: new Uint8Array(9), mapname: "x" },
  { object: new Uint8Array(9), mapName: "" },
  { object: new Uint8Array(9), programName: 3 },
  { object: new Uint8Array(9), frags: 1 },
  { object: new Uint8Array(9), mapEntries: { x: -1 } },
  { object: new Uint8Array(9), maps: { x: 5 } },
  { object: new Uint8Array(9), deviceIndex: 0 },
])("an object with options %j is refused before any system call", (options) => {
  refused("ERR_XDP_ARGUMENT", () => loadObject(untouched, options as never));
});

it.each([
  undefined,
  {},
  { id: 1, pin: "/x" },
  { name: "x" },
  { id: -1 },
  { id: 2 ** 32 },
  { descriptor: 1.5 },
  { pin: "relative" },
  { pin: "/nul\0" },
  { pin: 7 },
])("source %j is refused before any system call", (source) => {
  refused("ERR_XDP_ARGUMENT", () => useMap(untouched, source as never));
  refused("ERR_XDP_ARGUMENT", () => useProgram(untouched, { program: source as never }));
  const attach = { by: "netlink", replace: source ?? null } as never;
  refused("ERR_XDP_ARGUMENT", () => attachProgram(untouched, 3, 1, "lo", attach));
});

it.each([
  [{ mode: "native" }, "ERR_XDP_ARGUMENT"],
  [{ by: "ioctl" }, "ERR_XDP_ARGUMENT"],
  [{ bye: "link" }, "ERR_XDP_ARGUMENT"],
  [{ pin: "here" }, "ERR_XDP_ARGUMENT"],
  [{ replace: { id: 1 } }, "ERR_XDP_ARGUMENT"],
  [{ link: { id: 1 } }, "ERR_XDP_ARGUMENT"],
  [{ by: "netlink", link: { id: 1 }, replace: { id: 1 } }, "ERR_XDP_CONFLICT"],
  [{ by: "netlink", pin: "/sys/fs/bpf/x" }, "ERR_XDP_CONFLICT"],
  [{ pin: "/sys/fs/bpf/x", link: { id: 1 }, replace: { id: 1 } }, "ERR_XDP_CONFLICT"],
] as const)("attaching with %j is refused before any system call", (options, code) => {
  refused(code, () => attachProgram(untouched, 3, 1, "lo", options as never));
});
