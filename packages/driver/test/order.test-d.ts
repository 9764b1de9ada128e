import type { Kernel } from "@afxdp/core";
import { beginSetup, type ReadySocket } from "@afxdp/driver";
import { describe, expectTypeOf, it } from "vitest";

/* Never run, only compiled: see afxdp's order.test-d.ts. */
declare const kernel: Kernel;
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
    const needsMode = await needsBind.bind();
    expectTypeOf(needsMode.mode()).toEqualTypeOf<ReadySocket>();
    expectTypeOf(needsTxOrMap.map()).toEqualTypeOf<typeof needsPrefill>();
  });

  it("compiles in no other", async () => {
    // @ts-expect-error umem before socket
    needsSocket.umem({ frameCount: 64 });
    // @ts-expect-error socket twice
    needsUmem.socket();
    // @ts-expect-error fill before umem
    needsUmem.fill(64);
    // @ts-expect-error completion before fill
    needsFill.completion(64);
    // @ts-expect-error rx before completion
    needsCompletion.rx(64);
    // @ts-expect-error map before rx and tx
    needsRings.map();
    // @ts-expect-error rx twice
    needsTxOrMap.rx(64);
    // @ts-expect-error rx after tx
    needsMap.rx(64);
    // @ts-expect-error prefill before map
    needsMap.prefill();
    // @ts-expect-error bind before prefill
    needsPrefill.bind();
    // @ts-expect-error mode before bind
    needsBind.mode();
    const needsMode = await needsBind.bind();
    // @ts-expect-error bind twice
    needsMode.bind();
  });
});
