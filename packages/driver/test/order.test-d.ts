import type { Kernel } from "@afxdp/core";
import {
  beginSetup,
  type NeedsBind,
  type NeedsMode,
  type NeedsSharedFill,
  type NeedsSharedRings,
  type ReadySocket,
  type SharedBindOptions,
  type XdpSocket,
} from "@afxdp/driver";
import { describe, expectTypeOf, it } from "vitest";

/* Never run, only compiled: see afxdp's order.test-d.ts. */
declare const kernel: Kernel;
declare const needsMode: NeedsMode;
declare const owner: XdpSocket;
declare const ready: ReadySocket;
const needsSocket = beginSetup(kernel, "veth0", 0);
const needsUmem = needsSocket.socket();
const needsFill = needsUmem.umem({ frameCount: 64 });
const needsCompletion = needsFill.fill(64);
const needsRings = needsCompletion.completion(64);
const needsTxOrMap = needsRings.rx(64);
const needsBudgetOrMap = needsTxOrMap.tx(64);
const needsMap = needsBudgetOrMap.budget(64);
const needsPrefill = needsMap.map();
const needsBind = needsPrefill.prefill();

describe("a set-up", () => {
  it("compiles in its order", async () => {
    expectTypeOf(await needsBind.bind()).toEqualTypeOf<NeedsMode>();
    expectTypeOf(needsMode.mode()).toEqualTypeOf<ReadySocket>();
    expectTypeOf(needsTxOrMap.map()).toEqualTypeOf<typeof needsPrefill>();
    expectTypeOf(needsBudgetOrMap.map()).toEqualTypeOf<typeof needsPrefill>();
    expectTypeOf(needsRings.tx(64)).toEqualTypeOf<typeof needsBudgetOrMap>();
  });

  it("that shares compiles in its order, with a socket or with what a set-up came to", () => {
    const sharedFill = needsUmem.shareUmem(owner);
    expectTypeOf(sharedFill).toEqualTypeOf<NeedsSharedFill>();
    expectTypeOf(needsUmem.shareUmem(ready)).toEqualTypeOf<NeedsSharedFill>();
    const sharedRings = needsUmem.shareQueue(owner);
    expectTypeOf(sharedRings).toEqualTypeOf<NeedsSharedRings>();
    const bind = sharedFill.fill(64).completion(64).rx(64).tx(64).budget(64).map().prefill();
    expectTypeOf(bind).toEqualTypeOf<NeedsBind<SharedBindOptions>>();
    expectTypeOf(sharedRings.tx(64).map().prefill()).toEqualTypeOf<typeof bind>();
    expectTypeOf(bind.bind({ busyTimeoutMs: 5 })).toEqualTypeOf<Promise<NeedsMode>>();
  });

  it("has no mode flags when it shares", () => {
    const bind = needsUmem.shareUmem(owner).fill(64).completion(64).rx(64).map().prefill();
    // @ts-expect-error zero copy is the owner's
    bind.bind({ zeroCopy: "never" });
    // @ts-expect-error so is need-wakeup
    bind.bind({ needWakeup: false });
    // @ts-expect-error and multi-buffer
    bind.bind({ multiBuffer: true });
  });

  it("has no rings of its own when it shares a queue", () => {
    // @ts-expect-error the fill ring is the owner's
    needsUmem.shareQueue(owner).fill(64);
    // @ts-expect-error the completion ring, too
    needsUmem.shareQueue(owner).completion(64);
    // @ts-expect-error and there is no UMEM to size
    needsUmem.shareUmem(owner).umem({ frameCount: 64 });
  });

  it("has one mode at most", () => {
    // @ts-expect-error there is no such wish
    needsBind.bind({ zeroCopy: "both" });
    // @ts-expect-error copy mode is `zeroCopy: "never"`
    needsBind.bind({ copy: true, zeroCopy: "require" });
  });

  it("polls the card only when it is ready", () => {
    expectTypeOf(ready.busyPoll({ microseconds: 20, budget: 64 })).toEqualTypeOf<ReadySocket>();
    // @ts-expect-error the mode is not read yet
    needsMode.busyPoll({ microseconds: 20, budget: 64 });
  });
});

describe("no other order compiles", () => {
  it("where socket is next", () => {
    // @ts-expect-error umem is not next
    needsSocket.umem({ frameCount: 64 });
    // @ts-expect-error fill is not next
    needsSocket.fill(64);
    // @ts-expect-error completion is not next
    needsSocket.completion(64);
    // @ts-expect-error rx is not next
    needsSocket.rx(64);
    // @ts-expect-error tx is not next
    needsSocket.tx(64);
    // @ts-expect-error map is not next
    needsSocket.map();
    // @ts-expect-error prefill is not next
    needsSocket.prefill();
    // @ts-expect-error bind is not next
    needsSocket.bind();
    // @ts-expect-error mode is not next
    needsSocket.mode();
    // @ts-expect-error shareUmem is not next
    needsSocket.shareUmem(owner);
    // @ts-expect-error shareQueue is not next
    needsSocket.shareQueue(owner);
    // @ts-expect-error budget is not next
    needsSocket.budget(64);
  });

  it("where umem is next", () => {
    // @ts-expect-error socket is not next
    needsUmem.socket();
    // @ts-expect-error fill is not next
    needsUmem.fill(64);
    // @ts-expect-error completion is not next
    needsUmem.completion(64);
    // @ts-expect-error rx is not next
    needsUmem.rx(64);
    // @ts-expect-error tx is not next
    needsUmem.tx(64);
    // @ts-expect-error map is not next
    needsUmem.map();
    // @ts-expect-error prefill is not next
    needsUmem.prefill();
    // @ts-expect-error bind is not next
    needsUmem.bind();
    // @ts-expect-error mode is not next
    needsUmem.mode();
    // @ts-expect-error budget is not next
    needsUmem.budget(64);
  });

  it("where fill is next", () => {
    // @ts-expect-error socket is not next
    needsFill.socket();
    // @ts-expect-error umem is not next
    needsFill.umem({ frameCount: 64 });
    // @ts-expect-error completion is not next
    needsFill.completion(64);
    // @ts-expect-error rx is not next
    needsFill.rx(64);
    // @ts-expect-error tx is not next
    needsFill.tx(64);
    // @ts-expect-error map is not next
    needsFill.map();
    // @ts-expect-error prefill is not next
    needsFill.prefill();
    // @ts-expect-error bind is not next
    needsFill.bind();
    // @ts-expect-error mode is not next
    needsFill.mode();
    // @ts-expect-error shareUmem is not next
    needsFill.shareUmem(owner);
    // @ts-expect-error shareQueue is not next
    needsFill.shareQueue(owner);
    // @ts-expect-error budget is not next
    needsFill.budget(64);
  });

  it("where completion is next", () => {
    // @ts-expect-error socket is not next
    needsCompletion.socket();
    // @ts-expect-error umem is not next
    needsCompletion.umem({ frameCount: 64 });
    // @ts-expect-error fill is not next
    needsCompletion.fill(64);
    // @ts-expect-error rx is not next
    needsCompletion.rx(64);
    // @ts-expect-error tx is not next
    needsCompletion.tx(64);
    // @ts-expect-error map is not next
    needsCompletion.map();
    // @ts-expect-error prefill is not next
    needsCompletion.prefill();
    // @ts-expect-error bind is not next
    needsCompletion.bind();
    // @ts-expect-error mode is not next
    needsCompletion.mode();
    // @ts-expect-error shareUmem is not next
    needsCompletion.shareUmem(owner);
    // @ts-expect-error shareQueue is not next
    needsCompletion.shareQueue(owner);
    // @ts-expect-error budget is not next
    needsCompletion.budget(64);
  });

  it("where rings is next", () => {
    // @ts-expect-error socket is not next
    needsRings.socket();
    // @ts-expect-error umem is not next
    needsRings.umem({ frameCount: 64 });
    // @ts-expect-error fill is not next
    needsRings.fill(64);
    // @ts-expect-error completion is not next
    needsRings.completion(64);
    // @ts-expect-error map is not next
    needsRings.map();
    // @ts-expect-error prefill is not next
    needsRings.prefill();
    // @ts-expect-error bind is not next
    needsRings.bind();
    // @ts-expect-error mode is not next
    needsRings.mode();
    // @ts-expect-error shareUmem is not next
    needsRings.shareUmem(owner);
    // @ts-expect-error shareQueue is not next
    needsRings.shareQueue(owner);
    // @ts-expect-error budget is not next
    needsRings.budget(64);
  });

  it("where tx or map is next", () => {
    // @ts-expect-error socket is not next
    needsTxOrMap.socket();
    // @ts-expect-error umem is not next
    needsTxOrMap.umem({ frameCount: 64 });
    // @ts-expect-error fill is not next
    needsTxOrMap.fill(64);
    // @ts-expect-error completion is not next
    needsTxOrMap.completion(64);
    // @ts-expect-error rx is not next
    needsTxOrMap.rx(64);
    // @ts-expect-error prefill is not next
    needsTxOrMap.prefill();
    // @ts-expect-error bind is not next
    needsTxOrMap.bind();
    // @ts-expect-error mode is not next
    needsTxOrMap.mode();
    // @ts-expect-error shareUmem is not next
    needsTxOrMap.shareUmem(owner);
    // @ts-expect-error shareQueue is not next
    needsTxOrMap.shareQueue(owner);
    // @ts-expect-error budget is not next
    needsTxOrMap.budget(64);
  });

  it("where budget or map is next", () => {
    // @ts-expect-error rx is not next
    needsBudgetOrMap.rx(64);
    // @ts-expect-error tx is not next
    needsBudgetOrMap.tx(64);
    // @ts-expect-error prefill is not next
    needsBudgetOrMap.prefill();
    // @ts-expect-error bind is not next
    needsBudgetOrMap.bind();
    // @ts-expect-error mode is not next
    needsBudgetOrMap.mode();
  });

  it("where map is next", () => {
    // @ts-expect-error socket is not next
    needsMap.socket();
    // @ts-expect-error umem is not next
    needsMap.umem({ frameCount: 64 });
    // @ts-expect-error fill is not next
    needsMap.fill(64);
    // @ts-expect-error completion is not next
    needsMap.completion(64);
    // @ts-expect-error rx is not next
    needsMap.rx(64);
    // @ts-expect-error tx is not next
    needsMap.tx(64);
    // @ts-expect-error prefill is not next
    needsMap.prefill();
    // @ts-expect-error bind is not next
    needsMap.bind();
    // @ts-expect-error mode is not next
    needsMap.mode();
    // @ts-expect-error shareUmem is not next
    needsMap.shareUmem(owner);
    // @ts-expect-error shareQueue is not next
    needsMap.shareQueue(owner);
    // @ts-expect-error budget is not next
    needsMap.budget(64);
  });

  it("where prefill is next", () => {
    // @ts-expect-error socket is not next
    needsPrefill.socket();
    // @ts-expect-error umem is not next
    needsPrefill.umem({ frameCount: 64 });
    // @ts-expect-error fill is not next
    needsPrefill.fill(64);
    // @ts-expect-error completion is not next
    needsPrefill.completion(64);
    // @ts-expect-error rx is not next
    needsPrefill.rx(64);
    // @ts-expect-error tx is not next
    needsPrefill.tx(64);
    // @ts-expect-error map is not next
    needsPrefill.map();
    // @ts-expect-error bind is not next
    needsPrefill.bind();
    // @ts-expect-error mode is not next
    needsPrefill.mode();
    // @ts-expect-error shareUmem is not next
    needsPrefill.shareUmem(owner);
    // @ts-expect-error shareQueue is not next
    needsPrefill.shareQueue(owner);
    // @ts-expect-error budget is not next
    needsPrefill.budget(64);
  });

  it("where bind is next", () => {
    // @ts-expect-error socket is not next
    needsBind.socket();
    // @ts-expect-error umem is not next
    needsBind.umem({ frameCount: 64 });
    // @ts-expect-error fill is not next
    needsBind.fill(64);
    // @ts-expect-error completion is not next
    needsBind.completion(64);
    // @ts-expect-error rx is not next
    needsBind.rx(64);
    // @ts-expect-error tx is not next
    needsBind.tx(64);
    // @ts-expect-error map is not next
    needsBind.map();
    // @ts-expect-error prefill is not next
    needsBind.prefill();
    // @ts-expect-error mode is not next
    needsBind.mode();
    // @ts-expect-error shareUmem is not next
    needsBind.shareUmem(owner);
    // @ts-expect-error shareQueue is not next
    needsBind.shareQueue(owner);
    // @ts-expect-error budget is not next
    needsBind.budget(64);
  });

  it("where mode is next", () => {
    // @ts-expect-error socket is not next
    needsMode.socket();
    // @ts-expect-error umem is not next
    needsMode.umem({ frameCount: 64 });
    // @ts-expect-error fill is not next
    needsMode.fill(64);
    // @ts-expect-error completion is not next
    needsMode.completion(64);
    // @ts-expect-error rx is not next
    needsMode.rx(64);
    // @ts-expect-error tx is not next
    needsMode.tx(64);
    // @ts-expect-error map is not next
    needsMode.map();
    // @ts-expect-error prefill is not next
    needsMode.prefill();
    // @ts-expect-error bind is not next
    needsMode.bind();
    // @ts-expect-error shareUmem is not next
    needsMode.shareUmem(owner);
    // @ts-expect-error shareQueue is not next
    needsMode.shareQueue(owner);
    // @ts-expect-error budget is not next
    needsMode.budget(64);
  });
});
