import { afxdp, type NeedsSharedRings, type NeedsUmem, redirect, type Socket } from "afxdp";
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
    // @ts-expect-error no such wish
    readyToOpen.open({ zeroCopy: true });
    // @ts-expect-error how long and how many are needed
    readyToOpen.open({ busyPoll: {} });
    // @ts-expect-error the budget is a number
    needsRings.tx(64, { budget: "64" });
    // @ts-expect-error nothing to send, so no budget
    needsRings.rx(64, { budget: 64 });
    // @ts-expect-error an XSKMAP is given by one way
    needsTxOrProgram.program({ map: 7 });
    // @ts-expect-error the mode is open's
    needsTxOrProgram.program(redirect.all(), { mode: "drv" });
    // @ts-expect-error no such kind of memory
    needsUmem.umem({ frameCount: 64, memory: { hugePages: "4K" } });
    // @ts-expect-error the queue is a number
    afxdp("veth0", { queue: "0" });
    const socket = await readyToOpen.open();
    // @ts-expect-error an async handler would outlive the loan of its frames
    socket.listen(async () => {});
  });
});

declare const owner: Socket;
const sharedFill = needsUmem.shareUmem(owner);
const sharedCompletion = sharedFill.fill(64);
const sharedRings = sharedCompletion.completion(64);
const queueRings = needsUmem.shareQueue(owner);
const sharedTxOrProgram = queueRings.rx(64);
const sharedReady = sharedTxOrProgram.tx(64, { budget: 64 }).program(redirect.all());

describe("a socket that shares", () => {
  it("has the same order, and ends in a socket", () => {
    expectTypeOf(queueRings).toEqualTypeOf<NeedsSharedRings>();
    expectTypeOf(sharedRings).toEqualTypeOf<NeedsSharedRings>();
    expectTypeOf(sharedReady.open({ mode: "drv" })).toEqualTypeOf<Promise<Socket>>();
    expectTypeOf(queueRings.tx(64).open()).toEqualTypeOf<Promise<Socket>>();
    expectTypeOf(sharedTxOrProgram.program(redirect.all()).open()).toEqualTypeOf<Promise<Socket>>();
  });

  it("of a queue has no fill and completion ring of its own", () => {
    // @ts-expect-error fill after shareQueue
    queueRings.fill(64);
    // @ts-expect-error completion after shareQueue
    queueRings.completion(64);
    // @ts-expect-error umem after shareQueue
    queueRings.umem(umem);
    // @ts-expect-error shareUmem after shareQueue
    queueRings.shareUmem(owner);
    // @ts-expect-error program before rx
    queueRings.program(redirect.all());
    // @ts-expect-error open without rx and tx
    queueRings.open();
  });

  it("of a UMEM has both", () => {
    // @ts-expect-error rx without a fill ring
    sharedFill.rx(64);
    // @ts-expect-error completion before fill
    sharedFill.completion(64);
    // @ts-expect-error umem after shareUmem
    sharedFill.umem(umem);
    // @ts-expect-error shareQueue after shareUmem
    sharedFill.shareQueue(owner);
    // @ts-expect-error rx without a completion ring
    sharedCompletion.rx(64);
    // @ts-expect-error fill twice
    sharedCompletion.fill(64);
    // @ts-expect-error tx before the rings of the queue
    sharedCompletion.tx(64);
  });

  it("has no mode of its own", () => {
    // @ts-expect-error zeroCopy is the owner's
    sharedReady.open({ zeroCopy: "require" });
    // @ts-expect-error needWakeup is the owner's
    sharedReady.open({ needWakeup: false });
    // @ts-expect-error multiBuffer is the owner's
    sharedReady.open({ multiBuffer: true });
    // @ts-expect-error zeroCopy is the owner's, of a socket that only sends as well
    queueRings.tx(64).open({ zeroCopy: "never" });
  });

  it("shares with a socket, and after nothing else", () => {
    // @ts-expect-error an owner is needed
    needsUmem.shareUmem();
    // @ts-expect-error a stage is no socket
    needsUmem.shareQueue(sharedReady);
    // @ts-expect-error shareUmem after umem
    needsFill.shareUmem(owner);
    // @ts-expect-error shareQueue after umem
    needsFill.shareQueue(owner);
    // @ts-expect-error shareUmem after fill
    needsCompletion.shareUmem(owner);
    // @ts-expect-error a program for a socket that only sends
    queueRings.tx(64).program(redirect.all());
    // @ts-expect-error rx after tx
    queueRings.tx(64).rx(64);
    // @ts-expect-error program twice
    sharedReady.program(redirect.all());
  });
});
