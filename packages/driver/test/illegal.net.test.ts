import { XDP_SHARED_UMEM } from "@afxdp/core";
import { beginSetup, hasFeature, type NeedsSocket, type ReadySocket } from "@afxdp/driver";
import { footprint } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Anything, Bench } from "./illegal/bench.js";
import { BIND_ROWS } from "./illegal/bind-rows.js";
import { RING_ROWS } from "./illegal/ring-rows.js";
import { SHARING_ROWS } from "./illegal/sharing-rows.js";
import { UMEM_ROWS } from "./illegal/umem-rows.js";
import { counted } from "./support/counted.js";
import { ready } from "./support/open.js";
import { RawSocket } from "./support/raw-socket.js";

/*
 * What kernel-contract.md, section 5, forbids: a row for each value or combination. Each is tried on the set-up, which
 * has to refuse it with its code before it makes a call, and on the kernel beneath, which has to give the errno that the
 * contract says: so the table itself is true. What the types forbid as well is in order.test-d.ts.
 */
describeOnKernel("what the contract forbids", () => {
  const lab = useLab({ queues: 96, ipv6: false });
  const { kernel, calls } = counted();
  const tasks: (() => unknown)[] = [];
  let owner: ReadySocket;
  let queues = 0;
  let before: ReturnType<typeof footprint>;

  beforeAll(async () => {
    for (const feature of ["sharedUmem", "txBudget", "multiBuffer"] as const) {
      hasFeature(kernel, feature); // a probe is made once, before
    }
    owner = await ready(kernel, lab.a.device, { umem: { sharers: 4 } });
    before = footprint();
  });
  afterEach(async () => {
    for (const task of tasks.splice(0).reverse()) await task();
    expect(footprint()).toEqual(before);
  });
  afterAll(() => owner.sequence.close());

  const later = (task: () => unknown): void => void tasks.push(task);
  const bench: Bench = {
    begin(queue = 0) {
      const needsSocket: NeedsSocket = beginSetup(kernel, lab.a.device, queue);
      later(() => needsSocket.close());
      return needsSocket as unknown as Anything;
    },
    raw() {
      const socket = new RawSocket(kernel, kernel.interfaceState(lab.a.device).index);
      later(() => socket.close());
      return socket;
    },
    get owner() {
      return owner;
    },
    queue: () => ++queues,
    now: () => void calls.splice(0),
    later,
  };

  describe.each([
    ["registering a UMEM", UMEM_ROWS],
    ["sizing and mapping rings", RING_ROWS],
    ["binding", BIND_ROWS],
    ["binding to another's UMEM", SHARING_ROWS],
  ])("when %s", (_when, rows) => {
    it.each(rows)("$what: the set-up says $code, and makes no call", async ({ attempt, code }) => {
      await expect((async () => attempt(bench))()).rejects.toMatchObject({ code });
      expect(calls).toEqual([]);
    });

    it.each(rows)("$what: the kernel says $errno", ({ raw, errno }) => {
      expect(() => raw(bench)).toThrow(expect.objectContaining({ errnoName: errno }));
    });
  });

  it("a socket of another family to share with: the kernel says ENOPROTOOPT, and the set-up takes no descriptor", () => {
    const netlink = kernel.openLinkMonitor();
    later(() => kernel.close(netlink));
    const needsUmem = bench.begin(bench.queue()).socket?.() as Anything;
    bench.now();
    expect(() => needsUmem.shareUmem?.(netlink)).toThrow(
      expect.objectContaining({ code: "ERR_XDP_ARGUMENT" }),
    );
    expect(calls).toEqual([]);
    const raw = bench.raw().ring("fill", "completion", "rx");
    const shared = { queueId: bench.queue(), flags: XDP_SHARED_UMEM, sharedUmemFd: netlink };
    expect(() => raw.bind(shared)).toThrow(expect.objectContaining({ errnoName: "ENOPROTOOPT" }));
  });

  it("a queue that the interface has not: the set-up says ERR_XDP_QUEUE_ID before a socket is opened, the kernel EINVAL", () => {
    bench.now();
    expect(() => beginSetup(kernel, lab.a.device, 96)).toThrow(
      expect.objectContaining({ code: "ERR_XDP_QUEUE_ID" }),
    );
    expect(calls).toEqual(["interfaceState"]);
    const raw = bench.raw().umem().ring("fill", "completion", "rx");
    expect(() => raw.bind({ queueId: 96 })).toThrow(
      expect.objectContaining({ errnoName: "EINVAL" }),
    );
  });
});
