import {
  CASES,
  COLUMNS,
  inside,
  type Pair,
  Prober,
  type Profile,
  type Result,
  runCase,
  runSuite,
} from "@afxdp/conformance";
import { createLabPair } from "@afxdp/conformance/lab";
import { type Kernel, wrapKernel } from "@afxdp/core";
import { createLinuxKernel } from "@afxdp/native";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { describe, expect, test } from "vitest";

type Around = Parameters<typeof wrapKernel>[1];

/** Runs one case in DRV mode on a kernel whose calls go through `around` once the profile is known. */
function runOn(around: Around, name: string, change: Partial<Profile> = {}): Result {
  let probed = false;
  const kernel: Kernel = wrapKernel(createLinuxKernel(), (method, args, proceed) =>
    probed ? around(method, args, proceed) : proceed(),
  );
  const pair = createLabPair(kernel);
  try {
    const profile = new Prober(pair).profile("DRV");
    probed = true;
    return runCase(pair, { mode: "DRV", wait: "interrupt" }, { ...profile, ...change }, find(name));
  } finally {
    pair.close();
  }
}

function find(name: string) {
  const entry = CASES.find((known) => known.name === name);
  if (entry === undefined) throw new Error(`There is no case ${name}.`);
  return entry;
}

const honest: Around = (_method, _args, proceed) => proceed();

/** A kernel that answers one method with something else. */
const lying =
  (method: keyof Kernel, answer: (value: never, args: readonly unknown[]) => unknown): Around =>
  (called, args, proceed) =>
    called === method ? answer(proceed() as never, args) : proceed();

const noCounters = lying("statistics", () => ({
  rxDropped: 0,
  rxInvalidDescs: 0,
  txInvalidDescs: 0,
  rxRingFull: 0,
  rxFillRingEmptyDescs: 0,
  txRingEmptyDescs: 0,
}));

/** Registers every UMEM without the headroom that was asked for. */
const noHeadroom: (kernel: Kernel) => Around = (kernel) => (method, args, proceed) => {
  if (method !== "registerUmem") return proceed();
  const [socket, arena, registration] = args as Parameters<Kernel["registerUmem"]>;
  return kernel.registerUmem(socket, arena, { ...registration, headroom: 0 });
};

describeOnKernel("a kernel that is not as it should be fails the case", () => {
  describe("with the profile turned round", () => {
    test.each([
      ["invalidTxCompleted", "ALIGNED_INV_DESC", /not outstanding|completions missing/],
      ["brokenTxDrained", "TOO_MANY_FRAGS", /packet|moved/],
      ["wideQueueTruncated", "QUEUE_ID_16_BIT", /bind to queue 65536/],
    ] as const)("%s: %s fails", (key, name, detail) => {
      const pair = createLabPair();
      let profile: Profile;
      try {
        profile = new Prober(pair).profile("DRV");
      } finally {
        pair.close();
      }
      const result = runOn(honest, name, { [key]: !profile[key] });
      expect(result).toMatchObject({ verdict: "FAIL", detail: expect.stringMatching(detail) });
    });
  });

  test.each(["STAT_RX_DROPPED", "STAT_TX_INVALID", "STAT_RX_FULL", "STAT_FILL_EMPTY"])(
    "without counters %s fails",
    (name) => {
      expect(runOn(noCounters, name)).toMatchObject({ verdict: "FAIL" });
    },
  );

  test("without headroom UMEM_HEADROOM fails", () => {
    expect(runOn(noHeadroom(createLinuxKernel()), "UMEM_HEADROOM")).toMatchObject({
      verdict: "FAIL",
      detail: expect.stringContaining("begins in its chunk: expected 384, saw 256"),
    });
  });

  test("when sendto says EPERM, SEND_RECEIVE fails and says so", () => {
    expect(
      runOn(
        lying("kickTx", () => -1),
        "SEND_RECEIVE",
      ),
    ).toMatchObject({
      verdict: "FAIL",
      detail: "sendto failed: EPERM",
    });
  });

  test("when sendto sends nothing, SEND_RECEIVE fails and says how far it came", () => {
    const deaf: Around = (method, _args, proceed) => (method === "kickTx" ? 0 : proceed());
    expect(runOn(deaf, "SEND_RECEIVE_SINGLE_PKT")).toMatchObject({
      verdict: "FAIL",
      detail: expect.stringContaining("1 of 1 packets handed over, 1 descriptors not consumed"),
    });
  });

  test("when poll says POLLIN to an idle socket, POLL_RXQ_FULL fails", () => {
    expect(
      runOn(
        lying("wait", () => 1),
        "POLL_RXQ_FULL",
      ),
    ).toMatchObject({ verdict: "FAIL" });
  });

  test("when a mistake of ours throws, the case fails with its stack and all is undone", () => {
    const broken: Around = (method, _args, proceed) => {
      if (method === "enterXskMap") throw new TypeError("oops");
      return proceed();
    };
    const result = runOn(broken, "SEND_RECEIVE");
    expect(result.verdict).toBe("FAIL");
    expect(result.detail).toMatch(/TypeError: oops\n {4}at /);
  });

  test("a case that fails leaves the devices as they were", () => {
    const kernel: Kernel = wrapKernel(createLinuxKernel(), (method, _args, proceed) => {
      if (method === "loadProgram") throw new Error("no programs today");
      return proceed();
    });
    const pair = createLabPair(kernel);
    const looks = () =>
      [pair.a, pair.b].map((end) =>
        inside(end, () => ({
          ...kernel.interfaceState(end.interfaceName),
          defer: kernel.interfaceSetting(end.interfaceName, "napi_defer_hard_irqs"),
          timeout: kernel.interfaceSetting(end.interfaceName, "gro_flush_timeout"),
        })),
      );
    try {
      const before = looks();
      const profile = { multiBuffer: true } as Profile;
      const column = { mode: "SKB", wait: "busy poll" } as const;
      const { verdict, detail } = runCase(pair, column, profile, find("SEND_RECEIVE_9K_PACKETS"));
      expect(detail).toContain("no programs today");
      expect(verdict).toBe("FAIL");
      expect(looks()).toEqual(before);
    } finally {
      pair.close();
    }
  });

  test("a kernel on which not even the probes get through fails every case, with what they met", async () => {
    const deaf = wrapKernel(createLinuxKernel(), (method, _args, proceed) => {
      if (method === "statistics") throw new Error("no counters today");
      return proceed();
    });
    const pair = createLabPair(deaf);
    try {
      const columns = COLUMNS.filter(({ wait }) => wait === "interrupt");
      const cases = [find("SEND_RECEIVE"), find("POLL_RX")];
      const { results, profiles } = await runSuite({ pair, cases, columns });
      expect(profiles.size).toBe(0);
      expect(results.map(({ column, verdict }) => `${column.mode} ${verdict}`)).toEqual([
        "SKB FAIL",
        "SKB FAIL",
        "DRV FAIL",
        "DRV FAIL",
        "ZC skip",
        "ZC skip",
      ]);
      expect(results[0]?.detail).toMatch(/^the probes for the profile failed: .*no counters today/);
    } finally {
      pair.close();
    }
  });

  test("a hook that a pair lacks skips the cases that need it, with the reason", () => {
    const lab = createLabPair();
    try {
      const pair: Pair = { a: lab.a, b: lab.b };
      const profile = new Prober(pair).profile("DRV");
      const run = (name: string) =>
        runCase(pair, { mode: "DRV", wait: "interrupt" }, profile, find(name));
      expect(run("SEND_RECEIVE_9K_PACKETS")).toMatchObject({
        verdict: "skip",
        detail: "needs an MTU of 9000, va has 1500",
      });
      expect(run("LINK_DOWN_UP")).toMatchObject({ verdict: "skip" });
      expect(run("DEVICE_REMOVED")).toMatchObject({ verdict: "skip" });
      expect(run("SEND_RECEIVE_UNALIGNED")).toMatchObject({
        verdict: "skip",
        detail: expect.stringContaining("no huge pages"),
      });
    } finally {
      lab.close();
    }
  });
});
