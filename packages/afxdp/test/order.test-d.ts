import { afxdp, type NeedsUmem, redirect, type Socket } from "afxdp";
import { describe, expectTypeOf, it } from "vitest";

/*
 * Never run, only compiled: each line that a wrong order would need is an error, and TypeScript fails the test when
 * it is none. The stages are named, so the compiler's message says what is missing: "Property 'rx' does not exist on
 * type 'NeedsUmem'".
 */
const umem = { frameCount: 64 };
const needsUmem = afxdp("veth0");
const needsFill = needsUmem.umem(umem);
const needsCompletion = needsFill.fill(64);
const needsRings = needsCompletion.completion(64);
const needsTxOrProgram = needsRings.rx(64);
const needsProgram = needsTxOrProgram.tx(64);
const readyToOpen = needsProgram.program(redirect.all());
const sendsOnly = needsRings.tx(64);

describe("the legal order compiles", () => {
  it("and ends in a socket", () => {
    expectTypeOf(needsUmem).toEqualTypeOf<NeedsUmem>();
    expectTypeOf(readyToOpen.open({ mode: "auto" })).toEqualTypeOf<Promise<Socket>>();
    expectTypeOf(sendsOnly.open()).toEqualTypeOf<Promise<Socket>>();
    expectTypeOf(needsTxOrProgram.program(redirect.all()).open()).toEqualTypeOf<Promise<Socket>>();
  });
});

describe("no other order compiles", () => {
  it("before umem", () => {
    // @ts-expect-error fill before umem
    needsUmem.fill(64);
    // @ts-expect-error completion before umem
    needsUmem.completion(64);
    // @ts-expect-error rx before umem
    needsUmem.rx(64);
    // @ts-expect-error tx before umem
    needsUmem.tx(64);
    // @ts-expect-error program before umem
    needsUmem.program(redirect.all());
    // @ts-expect-error open before umem
    needsUmem.open();
  });

  it("before fill", () => {
    // @ts-expect-error umem twice
    needsFill.umem(umem);
    // @ts-expect-error completion before fill
    needsFill.completion(64);
    // @ts-expect-error rx before fill
    needsFill.rx(64);
    // @ts-expect-error tx before fill
    needsFill.tx(64);
    // @ts-expect-error program before fill
    needsFill.program(redirect.all());
    // @ts-expect-error open before fill
    needsFill.open();
  });

  it("before completion", () => {
    // @ts-expect-error umem after fill
    needsCompletion.umem(umem);
    // @ts-expect-error fill twice
    needsCompletion.fill(64);
    // @ts-expect-error rx before completion
    needsCompletion.rx(64);
    // @ts-expect-error tx before completion
    needsCompletion.tx(64);
    // @ts-expect-error program before completion
    needsCompletion.program(redirect.all());
    // @ts-expect-error open before completion
    needsCompletion.open();
  });

  it("before rx or tx", () => {
    // @ts-expect-error umem after completion
    needsRings.umem(umem);
    // @ts-expect-error fill after completion
    needsRings.fill(64);
    // @ts-expect-error completion twice
    needsRings.completion(64);
    // @ts-expect-error program before rx
    needsRings.program(redirect.all());
    // @ts-expect-error open without rx and tx
    needsRings.open();
  });

  it("after rx", () => {
    // @ts-expect-error umem after rx
    needsTxOrProgram.umem(umem);
    // @ts-expect-error fill after rx
    needsTxOrProgram.fill(64);
    // @ts-expect-error completion after rx
    needsTxOrProgram.completion(64);
    // @ts-expect-error rx twice
    needsTxOrProgram.rx(64);
    // @ts-expect-error open without a program
    needsTxOrProgram.open();
  });

  it("after rx and tx", () => {
    // @ts-expect-error umem after tx
    needsProgram.umem(umem);
    // @ts-expect-error fill after tx
    needsProgram.fill(64);
    // @ts-expect-error completion after tx
    needsProgram.completion(64);
    // @ts-expect-error rx after tx
    needsProgram.rx(64);
    // @ts-expect-error tx twice
    needsProgram.tx(64);
    // @ts-expect-error open without a program
    needsProgram.open();
  });

  it("after the program, or after tx alone", () => {
    // @ts-expect-error umem at the end
    readyToOpen.umem(umem);
    // @ts-expect-error fill at the end
    readyToOpen.fill(64);
    // @ts-expect-error completion at the end
    readyToOpen.completion(64);
    // @ts-expect-error rx at the end
    readyToOpen.rx(64);
    // @ts-expect-error tx at the end
    readyToOpen.tx(64);
    // @ts-expect-error program twice
    readyToOpen.program(redirect.all());
    // @ts-expect-error rx after tx
    sendsOnly.rx(64);
    // @ts-expect-error a program for a socket that only sends
    sendsOnly.program(redirect.all());
  });
});

describe("what is no value does not compile", () => {
  it("in options and handlers", async () => {
    // @ts-expect-error a frame count is needed
    needsUmem.umem({});
    // @ts-expect-error no such mode
    readyToOpen.open({ mode: "fast" });
    // @ts-expect-error the queue is a number
    afxdp("veth0", { queue: "0" });
    const socket = await readyToOpen.open();
    // @ts-expect-error an async handler would outlive the loan of its frames
    socket.listen(async () => {});
  });
});
