import { loadSteering, redirect } from "@afxdp/bpf";
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
