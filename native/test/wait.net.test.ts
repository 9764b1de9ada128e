import { readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import type { Kernel } from "@afxdp/core";
import { createLinuxKernel } from "@afxdp/native";
import { createLab, footprint, type Lab } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { closeByHand, FRAME_SIZE, openByHand, produce, whileBusy, word } from "./by-hand.mjs";
import { compiledProgram } from "./programs.js";

const POLLIN = 1;
const POLLOUT = 4;

describeOnKernel("waiting", () => {
  let lab: Lab;
  let kernel: Kernel;
  let index: number;
  let leave: () => void;
  let socket: ReturnType<typeof openByHand>;
  const opened: number[] = [];
  beforeAll(() => {
    lab = createLab();
    leave = lab.a.enter();
    kernel = createLinuxKernel();
    index = kernel.interfaceState(lab.a.device).index;
    const loaded = kernel.loadProgram({ object: compiledProgram("redirect") });
    const map = loaded.maps.xsks_map ?? -1;
    opened.push(loaded.program, ...Object.values(loaded.maps));
    opened.push(kernel.attachProgram(loaded.program, index, 4));
    socket = openByHand(kernel, index);
    kernel.enterXskMap(map, 0, socket.fd);
    for (let frame = 0; frame < 31; frame++) {
      produce(socket.arena, socket.rings.fill, frame * FRAME_SIZE);
    }
  });
  afterAll(() => {
    for (const fd of opened.reverse()) kernel.close(fd);
    closeByHand(kernel, socket);
    leave();
    lab.close();
  });
  let waker: number;
  beforeEach(() => {
    waker = kernel.createWaker();
  });
  afterEach(() => {
    kernel.close(waker);
    // Forget what was received.
    const { rx } = socket.rings;
    const all = new Int32Array(socket.arena.buffer);
    all[(rx.offset + rx.words.consumer) / 4] = word(socket.arena, rx.offset + rx.words.producer);
  });
  const provoke = (): void => {
    lab.b.run("ip", "neighbour", "flush", "dev", lab.b.device);
    lab.b.spawn("ping", ["-c", "1", "-W", "1", lab.a.ipv4], { stdio: "ignore" });
  };
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  // Were it not capped, it would not come back before the test gives up.
  it.each([2 ** 31, Number.MAX_SAFE_INTEGER, Infinity])(
    "comes back, though asked for %d ms",
    (timeout) => {
      const unbound = kernel.socket();
      expect(kernel.wait(unbound, POLLIN, timeout, -1)).toBe(0);
      kernel.close(unbound);
    },
  );

  it("can be timed with a clock that goes forward", () => {
    const unbound = kernel.socket();
    const before = kernel.clockMs();
    kernel.wait(unbound, POLLIN, 20, -1);
    const passed = (kernel.clockMs() - before) & 0x3fffffff;
    expect(passed).toBeGreaterThanOrEqual(20);
    expect(Number.isInteger(before) && before >= 0 && before < 2 ** 30).toBe(true);
    kernel.close(unbound);
  });

  it.each([-1, -0.5, Number.NaN, -Infinity])("refuses a timeout of %d", (timeout) => {
    expect(kernel.wait(socket.fd, POLLIN, timeout, -1)).toBe(-22);
  });

  it("returns the events that hold", () => {
    expect(kernel.wait(socket.fd, POLLIN | POLLOUT, 100, -1)).toBe(POLLOUT);
    provoke();
    let events = 0;
    for (let i = 0; i < 50 && events === 0; i++) events = kernel.wait(socket.fd, POLLIN, 100, -1);
    expect(events).toBe(POLLIN);
  });

  it("takes a waker's wakings, all at once", () => {
    const unbound = kernel.socket();
    const pending = (): string | undefined =>
      /eventfd-count:\s*(\w+)/.exec(readFileSync(`/proc/self/fdinfo/${waker}`, "utf8"))?.[1];
    kernel.wake(waker);
    kernel.wake(waker);
    expect(pending()).toBe("2");
    expect(kernel.wait(unbound, POLLIN, 100, waker)).toBe(0);
    expect(pending()).toBe("0");
    kernel.close(unbound);
  });

  it("takes a waking from another thread", async () => {
    const worker = new Worker(new URL("./workers/wake.mjs", import.meta.url));
    const exited = new Promise((resolve) => worker.once("exit", resolve));
    await new Promise((resolve) => worker.once("online", resolve));
    const shared = new Int32Array(new SharedArrayBuffer(4));
    worker.postMessage({ waker, shared });
    Atomics.wait(shared, 0, 0, 10_000);
    expect(shared[0]).toBe(1);
    expect(readFileSync(`/proc/self/fdinfo/${waker}`, "utf8")).toMatch(/eventfd-count:\s*1/);
    expect(await exited).toBe(0);
  });

  it("calls a watch back, and its microtasks, and no more once stopped", async () => {
    const before = footprint();
    let calls = 0;
    let microtasks = 0;
    const watch = kernel.watch(socket.fd, POLLIN, () => {
      calls++;
      queueMicrotask(() => {
        microtasks++;
        watch.stop();
      });
    });
    await turn();
    expect(calls).toBe(0);
    provoke();
    while (calls === 0) await turn();
    for (let i = 0; i < 10; i++) await turn();
    expect({ calls, microtasks }).toEqual({ calls: 1, microtasks: 1 });
    watch.stop();
    // What ping needs is gone with it.
    while (footprint().fds !== before.fds) await turn();
  });

  it("lets two watches be on one socket, for different events", async () => {
    const seen = { first: 0, second: 0 };
    const first = kernel.watch(socket.fd, POLLOUT, () => {
      seen.first++;
      first.stop();
    });
    const second = kernel.watch(socket.fd, POLLIN | POLLOUT, () => {
      seen.second++;
      second.stop();
    });
    while (seen.first === 0 || seen.second === 0) await turn();
    expect(seen).toEqual({ first: 1, second: 1 });
  });

  it("stops a socket's watches when it is closed", async () => {
    const before = footprint();
    const fd = kernel.socket();
    const watch = kernel.watch(fd, POLLIN, () => {});
    kernel.close(fd);
    expect(footprint()).toEqual(before);
    watch.stop();
    await turn();
  });

  it("watches a waker, too, until it is closed", async () => {
    const before = footprint();
    const own = kernel.createWaker();
    let calls = 0;
    kernel.watch(own, POLLIN, () => {
      calls++;
    });
    await turn();
    expect(calls).toBe(0);
    kernel.wake(own);
    while (calls === 0) await turn();
    kernel.close(own);
    expect(footprint()).toEqual(before);
    const last = calls;
    for (let i = 0; i < 5; i++) await turn();
    expect(calls).toBe(last);
  });

  it.each([0, -1, 2, 8, 1.5, Number.NaN])("refuses to watch for events %d", (events) => {
    expect(() => kernel.watch(socket.fd, events, () => {})).toThrow("EINVAL");
  });

  it("lets an exception of the listener end the process, unless it is handled", async () => {
    const watch = kernel.watch(socket.fd, POLLOUT, () => {
      watch.stop();
      throw new Error("from the listener");
    });
    const listeners = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    const caught = await new Promise<Error>((resolve) => {
      process.once("uncaughtException", resolve);
    });
    for (const listener of listeners) process.on("uncaughtException", listener);
    expect(caught.message).toBe("from the listener");
  });

  it("frees the queue for the next socket", () => {
    closeByHand(kernel, socket);
    socket = whileBusy(() => openByHand(kernel, index));
  });
});
