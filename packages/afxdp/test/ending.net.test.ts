import { wrapKernel } from "@afxdp/core";
import { createLab, ethernet, footprint, type Lab } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { createLinuxKernel, type Kernel, type Socket } from "afxdp";
import { afterEach, beforeEach, expect, it } from "vitest";
import { open } from "./support/open.js";

describeOnKernel("whatever ends a loop, its error arrives and its frames come back", () => {
  let lab: Lab;
  let leave: () => void;
  let sender: Socket;
  beforeEach(async () => {
    lab = createLab();
    leave = lab.b.enter();
    sender = await open({ ...lab, a: lab.b }, "tx");
    leave();
    leave = lab.a.enter();
  });
  afterEach(async () => {
    await sender.close();
    leave();
    lab.close();
  });
  const send = (count: number): void => {
    for (let i = 0; i < count; i++) sender.send(ethernet({ to: lab.a.mac, from: lab.b.mac }));
  };
  /** The Linux Kernel, of which a method can be made to answer something else. */
  function switched(method: keyof Kernel) {
    const state: { answer: (() => unknown) | undefined } = { answer: undefined };
    const kernel = wrapKernel(createLinuxKernel(), (called, _args, proceed) =>
      called === method && state.answer !== undefined ? state.answer() : proceed(),
    );
    return { kernel, state };
  }

  it.each(["run", "listen"] as const)(
    "%s: the handler's error wins over one met while settling, which it carries",
    async (how) => {
      const { kernel, state } = switched("kickTx");
      const socket = await open(lab, "both", { kernel });
      send(1);
      const mine = new Error("mine");
      const loop = socket[how]((batch) => {
        batch.send(0);
        state.answer = () => -6;
        throw mine;
      });
      await expect(loop).rejects.toBe(mine);
      state.answer = undefined;
      expect(socket.frames.application).toBe(0);
      await socket.close();
    },
  );

  it.each(["run", "listen"] as const)(
    "%s: a handler that closes the socket and then throws is heard",
    async (how) => {
      const socket = await open(lab, "both");
      send(1);
      const mine = new Error("mine");
      const loop = socket[how](() => {
        void socket.close();
        throw mine;
      });
      await expect(loop).rejects.toBe(mine);
    },
  );

  it.each(["run", "listen"] as const)(
    "%s: a handler that aborts is not called again",
    async (how) => {
      const socket = await open(lab, "both");
      const stop = new AbortController();
      send(50);
      let calls = 0;
      const loop = socket[how](
        () => {
          calls++;
          stop.abort();
        },
        { signal: stop.signal, batch: 1 },
      );
      await expect(loop).rejects.toMatchObject({ code: "ERR_XDP_ABORTED" });
      expect(calls).toBe(1);
      await socket.close();
    },
  );

  it("run: a slow handler does not keep timers waiting for more than a few of its calls", async () => {
    const socket = await open(lab, "both");
    send(100);
    const stop = new AbortController();
    let calls = 0;
    let callsAtTimer = 0;
    setTimeout(() => {
      callsAtTimer = calls;
      stop.abort();
    }, 10);
    const busy = (): void => {
      const end = performance.now() + 2;
      while (performance.now() < end);
      calls++;
    };
    await socket.run(busy, { signal: stop.signal, batch: 1 }).catch(() => undefined);
    expect(callsAtTimer).toBeGreaterThan(0);
    expect(callsAtTimer).toBeLessThan(64);
    await socket.close();
  });

  it("an iteration: return() ends a next() that waits, and leaves no timer", async () => {
    const socket = await open(lab, "both");
    const timers = () =>
      process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const before = timers();
    const batches = socket.batches();
    const waiting = batches.next();
    await expect(batches.next()).rejects.toMatchObject({ code: "ERR_XDP_STATE" });
    await batches.return?.();
    expect(await waiting).toEqual({ value: undefined, done: true });
    expect(timers()).toBe(before);
    expect(await batches.next()).toEqual({ value: undefined, done: true });
    await socket.close();
  });

  it("an iteration: the device goes while a batch is out, and nobody holds the socket afterwards", async () => {
    const socket = await open(lab, "both");
    send(2);
    const batches = socket.batches();
    const { value } = await batches.next();
    value?.send(0);
    lab.a.run("ip", "link", "del", lab.a.device);
    await expect(batches.return?.()).rejects.toMatchObject({ code: "ERR_XDP_DEVICE_GONE" });
    expect(socket.frames.application).toBe(0);
    expect(() => socket.receive(() => undefined)).not.toThrow(/already/);
    await socket.close();
  });

  it("flush and close end although somebody forges completions without end", async () => {
    let kicks = 0;
    let forge = (): void => {};
    const kernel = wrapKernel(createLinuxKernel(), (called, _args, proceed) => {
      if (called !== "kickTx") return proceed();
      kicks++;
      forge();
      return -11;
    });
    const socket = await open(lab, "both", { kernel, frameCount: 256 });
    const { words } = socket.umem.arena;
    const completion = (256 * 2048 + 0x10000) / 4;
    forge = () => Atomics.add(words, completion, 1);
    const address = socket.allocate();
    socket.transmit(address, 64);
    expect(socket.flush()).toBe(1);
    expect(kicks).toBeLessThanOrEqual(8);
    await socket.close();
  });

  it("close waits for a driver that is busy, also when the link was down once", async () => {
    const { kernel, state } = switched("kickTx");
    const socket = await open(lab, "both", { kernel });
    state.answer = () => -100;
    sender.close();
    socket.send(ethernet({ to: lab.b.mac, from: lab.a.mac }));
    expect(socket.stats().linkDown).toBeGreaterThan(0);
    state.answer = () => -11;
    setTimeout(() => {
      state.answer = undefined;
    }, 20);
    expect(await socket.close()).toMatchObject({ transmit: 0 });
  });

  it("a fill ring that is corrupt stops all four, and no frame stays lent", async () => {
    const socket = await open(lab, "both", { frameCount: 256 });
    send(3);
    await socket.readable({ timeoutMs: 2000 });
    const corrupt = expect.objectContaining({ code: "ERR_XDP_RING_CORRUPT" });
    const forge = (): void => {
      Atomics.store(socket.umem.arena.words, (256 * 2048 + 128) / 4, 5000); // the fill ring's consumer
    };
    expect(() => socket.receive(forge)).toThrow(corrupt);
    expect(socket.frames.application).toBe(0);
    expect(() => socket.flush()).toThrow(corrupt);
    expect(() => socket.receive(() => undefined)).toThrow(corrupt);
    await socket.close();
  });

  it("a corrupt ring stops all four", async () => {
    const before = footprint();
    const socket = await open(lab, "both", { frameCount: 256 });
    const address = socket.allocate();
    Atomics.store(socket.umem.arena.words, (256 * 2048 + 0x10000) / 4, 1000); // completions
    const corrupt = expect.objectContaining({ code: "ERR_XDP_RING_CORRUPT" });
    expect(() => socket.flush()).toThrow(corrupt);
    expect(() => socket.transmit(address, 64)).toThrow(corrupt);
    expect(() => socket.receive(() => undefined)).toThrow(corrupt);
    await socket.close();
    expect(footprint()).toEqual(before);
  });
});
