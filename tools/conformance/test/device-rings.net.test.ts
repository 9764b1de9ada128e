import { CASES, Prober, runCase } from "@afxdp/conformance";
import { createLabPair } from "@afxdp/conformance/lab";
import { type DeviceRings, wrapKernel } from "@afxdp/core";
import { createLinuxKernel } from "@afxdp/native";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { expect, test } from "vitest";

const SIZES: DeviceRings = { rx: 512, tx: 256, maxRx: 4096, maxTx: 1024 };

/** Runs a case on veth as if that had rings of its own; returns what was asked of them, and the budgets of busy polls. */
function runOn(name: string) {
  const sizes: unknown[] = [];
  const budgets = new Set<unknown>();
  const kernel = wrapKernel(createLinuxKernel(), (method, args, proceed) => {
    if (method === "deviceRings") return SIZES;
    if (method === "setDeviceRings") return sizes.push(args[1]);
    if (method === "setSocketOption" && args[1] === "SO_BUSY_POLL_BUDGET") budgets.add(args[2]);
    return proceed();
  });
  const pair = createLabPair(kernel);
  try {
    const profile = new Prober(pair).profile("DRV");
    const entry = CASES.find((known) => known.name === name);
    if (entry === undefined) throw new Error(`There is no case ${name}.`);
    const result = runCase(pair, { mode: "DRV", wait: "busy poll" }, profile, entry);
    return { result, sizes, budgets: [...budgets] };
  } finally {
    pair.close();
  }
}

describeOnKernel("a device with rings of its own", () => {
  test("gets the least sizes, polls of one batch, and its own sizes back", () => {
    const { result, sizes, budgets } = runOn("HW_SW_MIN_RING_SIZE");
    expect(result).toMatchObject({ verdict: "pass", detail: "" });
    expect(sizes).toEqual([
      { rx: 128, tx: 64 },
      { rx: 512, tx: 256 },
    ]);
    expect(budgets).toEqual([1]);
  });

  // Whether the packets of such a batch all arrive is no matter of this test: veth's own queue holds 256.
  test("gets the greatest sizes, polls of one batch, and its own sizes back, also when the case fails", () => {
    const { sizes, budgets } = runOn("HW_SW_MAX_RING_SIZE");
    expect(sizes).toEqual([
      { rx: 4096, tx: 1024 },
      { rx: 512, tx: 256 },
    ]);
    expect(budgets).toEqual([2048]);
  });
});
