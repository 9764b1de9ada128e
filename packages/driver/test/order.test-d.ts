import type { Kernel } from "@afxdp/core";
import { beginSetup, type NeedsMode, type ReadySocket } from "@afxdp/driver";
import { describe, expectTypeOf, it } from "vitest";

/* Never run, only compiled: see afxdp's order.test-d.ts. */
declare const kernel: Kernel;
declare const needsMode: NeedsMode;
const needsSocket = beginSetup(kernel, "veth0", 0);
const needsUmem = needsSocket.socket();
const needsFill = needsUmem.umem({ frameCount: 64 });
const needsCompletion = needsFill.fill(64);
const needsRings = needsCompletion.completion(64);
const needsTxOrMap = needsRings.rx(64);
const needsMap = needsTxOrMap.tx(64);
const needsPrefill = needsMap.map();
const needsBind = needsPrefill.prefill();

describe("a set-up", () => {
  it("compiles in its order", async () => {
    expectTypeOf(await needsBind.bind()).toEqualTypeOf<NeedsMode>();
    expectTypeOf(needsMode.mode()).toEqualTypeOf<ReadySocket>();
    expectTypeOf(needsTxOrMap.map()).toEqualTypeOf<typeof needsPrefill>();
    expectTypeOf(needsRings.tx(64)).toEqualTypeOf<typeof needsMap>();
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
  });
});
