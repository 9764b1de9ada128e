import type { BindAddress, Kernel, UmemRegistration } from "@afxdp/core";
import { createLinuxKernel } from "@afxdp/native";
import { createLab, footprint, type Lab } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import {
  closeByHand,
  makeArena,
  mapRings,
  openByHand,
  prepare,
  registration,
  whileBusy,
} from "./by-hand.mjs";

const COPY = 2;
const ZEROCOPY = 4;
const POLLIN = 1;

describeOnKernel("what the kernel refuses, and how the error says so", () => {
  let lab: Lab;
  let kernel: Kernel;
  let index: number;
  let leave: () => void;
  let fd: number;
  const arena = makeArena();
  beforeAll(() => {
    lab = createLab();
    leave = lab.a.enter();
    kernel = createLinuxKernel();
    index = kernel.interfaceState(lab.a.device).index;
  });
  afterAll(() => {
    leave();
    lab.close();
  });
  beforeEach(() => {
    fd = kernel.socket();
  });
  afterEach(() => {
    kernel.close(fd);
  });
  const address = (changes: Partial<BindAddress> = {}): BindAddress => ({
    flags: COPY,
    interfaceIndex: index,
    queueId: 0,
    sharedUmemFd: 0,
    ...changes,
  });
  const fails = (call: () => unknown, step: string, errnoName: string, code: string): void => {
    const before = footprint();
    let thrown: unknown;
    try {
      call();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ name: "XdpSystemError", step, errnoName, code });
    expect(footprint()).toEqual(before);
  };

  it.each<[string, Partial<UmemRegistration>]>([
    ["chunks below 2048", { chunkSize: 1024 }],
    ["chunks above a page", { chunkSize: 8192 }],
    ["chunks of no power of two", { chunkSize: 3000 }],
    ["a length of 0", { length: 0 }],
    ["a length that is no multiple of the chunk", { length: 4096 + 100 }],
    ["an offset inside a page", { offset: 2048 }],
    ["an offset past the arena", { offset: 1 << 20 }],
    ["more than the arena", { length: (1 << 20) + 4096 }],
    ["a length of 2^53", { length: 2 ** 53 }],
    ["a length that is no number", { length: Number.NaN }],
    ["a negative offset", { offset: -4096 }],
    ["a fraction of a byte", { offset: 0.5 }],
    ["an unknown flag", { flags: 0x80 }],
    ["too much headroom", { headroom: 2048 - 256 }],
    ["a chunk size of more than 32 bits", { chunkSize: 2 ** 32 + 2048 }],
    ["metadata of odd length", { flags: 4, txMetadataLength: 7 }],
  ])("refuses a UMEM with %s", (_, changes) => {
    const call = (): void => kernel.registerUmem(fd, arena, { ...registration, ...changes });
    fails(call, "umem", "EINVAL", "ERR_XDP_SYSCALL");
  });

  it("refuses a second UMEM", () => {
    kernel.registerUmem(fd, arena, registration);
    const call = (): void => kernel.registerUmem(fd, arena, registration);
    fails(call, "umem", "EBUSY", "ERR_XDP_SYSCALL");
  });

  it("refuses memory that is not shared", () => {
    const bytes = new Uint8Array(1 << 20) as unknown as typeof arena;
    expect(() => kernel.registerUmem(fd, bytes, registration)).toThrow(TypeError);
    expect(() => kernel.mapRing(fd, "rx", bytes, 0, 4096)).toThrow(TypeError);
  });

  it.each([0, 3, -1, 1.5, 2 ** 31, 2 ** 32, 2 ** 32 + 64, Number.NaN])(
    "refuses a ring of %d entries",
    (entries) => {
      const errno = entries === 2 ** 31 ? "ENOMEM" : "EINVAL";
      fails(() => kernel.setRingSize(fd, "rx", entries), "rx", errno, "ERR_XDP_SYSCALL");
    },
  );

  it("refuses to size a ring twice", () => {
    kernel.setRingSize(fd, "fill", 64);
    fails(() => kernel.setRingSize(fd, "fill", 64), "fill", "EINVAL", "ERR_XDP_SYSCALL");
  });

  it.each([
    ["a ring that was not made", 0, 4096],
    ["no whole number of pages", 0, 4097],
    ["an offset inside a page", 1, 4096],
    ["past the arena", 1 << 20, 4096],
    ["no length", 0, 0],
  ])("refuses to map %s", (_, offset, length) => {
    const call = (): void => kernel.mapRing(fd, "rx", arena, offset, length);
    fails(call, "map", "EINVAL", "ERR_XDP_SYSCALL");
  });

  it("refuses to map more than the ring", () => {
    kernel.setRingSize(fd, "rx", 32);
    const call = (): void => kernel.mapRing(fd, "rx", arena, 0, 8192);
    fails(call, "map", "EINVAL", "ERR_XDP_SYSCALL");
  });

  it("refuses to bind without a UMEM, and without rings", () => {
    fails(() => kernel.bind(fd, address()), "bind", "EINVAL", "ERR_XDP_SYSCALL");
    kernel.setRingSize(fd, "rx", 32);
    fails(() => kernel.bind(fd, address()), "bind", "EINVAL", "ERR_XDP_SYSCALL");
  });

  it.each<[string, Partial<BindAddress>, string, string]>([
    ["an interface that is not there", { interfaceIndex: 9999 }, "ENODEV", "ERR_XDP_NO_DEVICE"],
    ["a queue that is not there", { queueId: 1 }, "EINVAL", "ERR_XDP_SYSCALL"],
    ["a queue of more than 32 bits", { queueId: 2 ** 32 }, "EINVAL", "ERR_XDP_SYSCALL"],
    ["unknown flags", { flags: 0x8000 }, "EINVAL", "ERR_XDP_SYSCALL"],
    ["flags of more than 16 bits", { flags: 0x10002 }, "EINVAL", "ERR_XDP_SYSCALL"],
    ["both modes", { flags: COPY | ZEROCOPY }, "EINVAL", "ERR_XDP_SYSCALL"],
    ["zero copy on veth", { flags: ZEROCOPY }, "EOPNOTSUPP", "ERR_XDP_SYSCALL"],
    ["the UMEM of no socket", { flags: 1, sharedUmemFd: 0 }, "EINVAL", "ERR_XDP_SYSCALL"],
  ])("refuses to bind to %s", (_, changes, errno, code) => {
    const prepared = prepare(kernel, arena);
    fails(() => kernel.bind(prepared, address(changes)), "bind", errno, code);
    kernel.close(prepared);
  });

  it("refuses a queue that another socket holds", () => {
    const holder = whileBusy(() => openByHand(kernel, index));
    const prepared = prepare(kernel, arena);
    fails(() => kernel.bind(prepared, address()), "bind", "EBUSY", "ERR_XDP_QUEUE_BUSY");
    kernel.close(prepared);
    closeByHand(kernel, holder);
  });

  it.each(["", "nowhere", "x".repeat(16), "x".repeat(1000), "v\0a", "va\0"])(
    "finds no interface named %j",
    (name) => {
      fails(() => kernel.interfaceState(name), "interface", "ENODEV", "ERR_XDP_NO_DEVICE");
    },
  );

  it("finds no program on an interface that is not there", () => {
    fails(() => kernel.attachedProgram(9999), "interface", "ENODEV", "ERR_XDP_NO_DEVICE");
  });

  it("answers a kick of an unbound socket with ENXIO, and a wait with nothing", () => {
    expect(kernel.kickTx(fd, 1)).toBe(-6);
    expect(kernel.kickRx(fd)).toBe(-6);
    expect(kernel.wait(fd, POLLIN, 0, -1)).toBe(0);
  });

  it("answers a kick with ENETDOWN while the link is down", () => {
    const socket = whileBusy(() => openByHand(kernel, index));
    lab.a.run("ip", "link", "set", lab.a.device, "down");
    expect(kernel.interfaceState(lab.a.device)).toMatchObject({ up: false, running: false });
    expect(kernel.kickTx(socket.fd, 1)).toBe(-100);
    lab.a.run("ip", "link", "set", lab.a.device, "up");
    closeByHand(kernel, socket);
  });

  it("says EBUSY or ENXIO of everything once the device is gone", () => {
    const other = createLab();
    const back = other.a.enter();
    const socket = openByHand(kernel, kernel.interfaceState(other.a.device).index);
    back();
    other.close();
    expect(kernel.kickTx(socket.fd, 1)).toBe(-6);
    expect(kernel.statistics(socket.fd).rxDropped).toBe(0);
    for (const { offset, length } of Object.values(socket.rings)) {
      kernel.unmapRing(socket.arena, offset, length);
    }
    fails(() => mapRings(kernel, socket.fd, socket.arena), "map", "EBUSY", "ERR_XDP_SYSCALL");
    kernel.close(socket.fd);
  });
});
