import { type Kernel, RING_NAMES, type SocketOption } from "@afxdp/core";
import { createLinuxKernel } from "@afxdp/native";
import { createLab, footprint } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { afterEach, beforeEach, expect, it } from "vitest";
import { closeByHand, makeArena, openByHand, registration } from "./by-hand.mjs";

const ENETDOWN = 100;

describeOnKernel("the options of a socket", () => {
  let kernel: Kernel;
  let fd: number;
  let before: unknown;
  beforeEach(() => {
    before = footprint();
    kernel = createLinuxKernel();
    fd = kernel.socket();
  });
  afterEach(() => {
    kernel.close(fd);
    expect(footprint()).toEqual(before);
  });
  const thrownBy = (call: () => unknown): unknown => {
    try {
      call();
    } catch (error) {
      return error;
    }
    throw new Error("it did not throw");
  };

  it.each<[SocketOption, number, number]>([
    ["SO_PREFER_BUSY_POLL", 0, 1],
    ["SO_BUSY_POLL", 0, 20],
  ])("have %s, which is %d at first", (option, first, value) => {
    expect(kernel.socketOption(fd, option)).toBe(first);
    kernel.setSocketOption(fd, option, value);
    expect(kernel.socketOption(fd, option)).toBe(value);
  });

  it.each<[SocketOption, number]>([
    ["SO_BUSY_POLL_BUDGET", 65536],
    ["SO_BUSY_POLL_BUDGET", -1],
    ["SO_BUSY_POLL", 2 ** 31],
    ["SO_BUSY_POLL", -1],
    ["SO_BUSY_POLL", 0.5],
  ])("refuse %s of %d", (option, value) => {
    expect(thrownBy(() => kernel.setSocketOption(fd, option, value))).toMatchObject({
      ...{ step: "busyPoll", errnoName: "EINVAL", code: "ERR_XDP_SYSCALL" },
    });
  });

  it("have a budget for busy polling, which the kernel does not show", () => {
    kernel.setSocketOption(fd, "SO_BUSY_POLL_BUDGET", 64);
    expect(thrownBy(() => kernel.socketOption(fd, "SO_BUSY_POLL_BUDGET"))).toMatchObject({
      ...{ step: "busyPoll", errnoName: "ENOPROTOOPT", name: "XdpSystemError" },
    });
  });

  it.each<SocketOption>(["SO_ERROR", "SO_INCOMING_NAPI_ID"])("have %s for reading", (option) => {
    expect(kernel.socketOption(fd, option)).toBe(0);
    expect(thrownBy(() => kernel.setSocketOption(fd, option, 1))).toMatchObject({
      ...{ step: "setting", errnoName: "ENOPROTOOPT", code: "ERR_XDP_SYSCALL" },
    });
  });

  it("tell once that the device is gone", () => {
    const lab = createLab();
    const leave = lab.a.enter();
    const socket = openByHand(kernel, kernel.interfaceState("va").index);
    expect(kernel.socketOption(socket.fd, "SO_ERROR")).toBe(0);
    lab.a.run("ip", "link", "delete", "va");
    expect(kernel.socketOption(socket.fd, "SO_ERROR")).toBe(ENETDOWN);
    expect(kernel.socketOption(socket.fd, "SO_ERROR")).toBe(0);
    closeByHand(kernel, socket);
    leave();
    lab.close();
  });

  it("have a tx budget from 32 to the tx ring's entries", () => {
    kernel.setRingSize(fd, "tx", 256);
    kernel.setTxBudget(fd, 32);
    kernel.setTxBudget(fd, 256);
    for (const budget of [31, 257, 0]) {
      expect(thrownBy(() => kernel.setTxBudget(fd, budget))).toMatchObject({
        ...{ code: "ERR_XDP_ARGUMENT", step: "budget", errnoName: "EACCES" },
      });
    }
    for (const budget of [-1, 32.5, 2 ** 32 + 64, Number.NaN]) {
      expect(thrownBy(() => kernel.setTxBudget(fd, budget))).toMatchObject({
        ...{ code: "ERR_XDP_SYSCALL", step: "budget", errnoName: "EINVAL" },
      });
    }
  });

  it("make as many descriptors leave in one kick as the budget says", () => {
    const lab = createLab();
    const leave = lab.a.enter();
    const sender = kernel.socket();
    kernel.setRingSize(sender, "tx", 64);
    kernel.setTxBudget(sender, 64);
    const arena = makeArena();
    kernel.registerUmem(sender, arena, { ...registration, offset: 65536 });
    for (const ring of RING_NAMES) if (ring !== "tx") kernel.setRingSize(sender, ring, 64);
    const { desc, producer, consumer } = kernel.mmapOffsets(sender).tx;
    kernel.mapRing(sender, "tx", arena, 0, 4096);
    kernel.bind(sender, {
      ...{ flags: 2, interfaceIndex: kernel.interfaceState("va").index },
      ...{ queueId: 0, sharedUmemFd: 0 },
    });
    const words = new Int32Array(arena.buffer);
    for (let i = 0; i < 64; i++) {
      words[desc / 4 + i * 4] = i * 2048;
      words[desc / 4 + i * 4 + 2] = 60;
    }
    Atomics.store(words, producer / 4, 64);
    expect(kernel.kickTx(sender, 1)).toBe(0);
    expect(Atomics.load(words, consumer / 4)).toBe(64);
    kernel.unmapRing(arena, 0, 4096);
    kernel.close(sender);
    leave();
    lab.close();
  });
});
