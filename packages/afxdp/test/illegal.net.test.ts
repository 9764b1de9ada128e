import { beginSetup, hasFeature, type ReadySocket } from "@afxdp/driver";
import { footprint } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { afxdp, type Socket } from "afxdp";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Anything, Bench } from "../../driver/test/illegal/bench.js";
import { BIND_ROWS } from "../../driver/test/illegal/bind-rows.js";
import { RING_ROWS } from "../../driver/test/illegal/ring-rows.js";
import { SHARING_ROWS } from "../../driver/test/illegal/sharing-rows.js";
import { UMEM_ROWS } from "../../driver/test/illegal/umem-rows.js";
import { counted } from "../../driver/test/support/counted.js";
import { ready } from "../../driver/test/support/open.js";
import { RawSocket } from "../../driver/test/support/raw-socket.js";
import { type BuilderBench, SAYINGS } from "./support/builder-rows.js";

const QUEUES = 96;
const ROWS = [...UMEM_ROWS, ...RING_ROWS, ...BIND_ROWS, ...SHARING_ROWS];

/*
 * What kernel-contract.md, section 5, forbids: each row of the driver's tables is said to the builder in plain
 * JavaScript, which has to refuse it with its code before it makes a call, and is tried on the kernel beneath, which has
 * to give the errno that the contract says. What the types forbid as well is in order.test-d.ts.
 */
describeOnKernel("what the contract forbids, said to the builder", () => {
  const lab = useLab({ queues: QUEUES, ipv6: false });
  const { kernel, calls } = counted();
  const tasks: (() => unknown)[] = [];
  let owner: Socket;
  let driverOwner: ReadySocket;
  let queues = 0;
  let before: ReturnType<typeof footprint>;
  beforeAll(async () => {
    for (const feature of ["sharedUmem", "txBudget", "multiBuffer"] as const) {
      hasFeature(kernel, feature); // a probe is made once, before
    }
    const sized = afxdp(lab.a.device, { kernel, queue: QUEUES - 1 });
    owner = await sized.umem({ frameCount: 64, sharers: 2 }).fill(16).completion(16).tx(16).open();
    driverOwner = await ready(kernel, lab.a.device, { umem: { sharers: 4 } });
    before = footprint();
  });
  afterEach(async () => {
    for (const task of tasks.splice(0).reverse()) await task();
    expect(footprint()).toEqual(before);
  });
  afterAll(async () => {
    await driverOwner.sequence.close();
    await owner.close();
  });
  const later = (task: () => unknown): void => void tasks.push(task);
  const queue = (): number => ++queues;

  const builder: BuilderBench = {
    kernel,
    get device() {
      return lab.a.device;
    },
    get owner() {
      return owner;
    },
    queue,
    now: () => void calls.splice(0),
    later: (socket) => later(() => (socket as Socket).close()),
  };
  const raw: Bench = {
    begin(id = 0) {
      const begun = beginSetup(kernel, lab.a.device, id);
      later(() => begun.close());
      return begun as unknown as Anything;
    },
    raw() {
      const socket = new RawSocket(kernel, kernel.interfaceState(lab.a.device).index);
      later(() => socket.close());
      return socket;
    },
    get owner() {
      return driverOwner;
    },
    queue,
    now: () => undefined,
    later,
  };

  it("every row of the driver's tables is among them, and nothing else", () => {
    expect(Object.keys(SAYINGS).sort()).toEqual(ROWS.map(({ what }) => what).sort());
  });

  const said = ROWS.flatMap((row) => {
    const saying = SAYINGS[row.what];
    return saying === undefined || "cannot" in saying ? [] : [{ ...row, ...saying }];
  });

  describe.each(said)("$what", ({ say, code, raw: attempt, errno }) => {
    it(`the builder says ${code}, and no call is made`, async () => {
      builder.now();
      await expect((async () => say(builder))()).rejects.toMatchObject({ code });
      // Whether two interfaces of one name are one is asked of the kernel, which changes nothing.
      expect(calls.filter((call) => call !== "namespaceCookie")).toEqual([]);
    });

    it(`the kernel says ${errno}`, () => {
      expect(() => attempt(raw)).toThrow(expect.objectContaining({ errnoName: errno }));
    });
  });

  it.each(Object.entries(SAYINGS).flatMap(([what, saying]) => ("cannot" in saying ? [what] : [])))(
    "%s: the builder has no word for it, and the kernel refuses it",
    (what) => {
      const row = ROWS.find((one) => one.what === what);
      const stage = afxdp(lab.a.device, { kernel }) as unknown as Record<string, unknown>;
      expect(stage.map).toBeUndefined();
      expect(() => row?.raw(raw)).toThrow(expect.objectContaining({ errnoName: row?.errno }));
    },
  );

  it("a queue that the interface has not: the builder asks for the number of queues, and opens no socket", async () => {
    builder.now();
    const sized = afxdp(lab.a.device, { kernel, queue: QUEUES }).umem({ frameCount: 64 });
    await expect(sized.fill(16).completion(16).tx(16).open()).rejects.toMatchObject({
      code: "ERR_XDP_QUEUE_ID",
    });
    expect(calls).toEqual(["interfaceState"]);
  });
});
