import { execFileSync } from "node:child_process";
import { closeSync, ftruncateSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { ERRNO, type Kernel } from "@afxdp/core";
import { beginSetup, type MemoryOptions, probeFeatures } from "@afxdp/driver";
import { createLinuxKernel } from "@afxdp/native";
import { footprint, withHugePages } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { counted, failing } from "./support/counted.js";
import { open, prepare } from "./support/open.js";

const HUGE = 2 ** 21;
const HUGE_KB = 2048;

describeOnKernel("the memory under a UMEM", () => {
  const lab = useLab({ queues: 32, ipv6: false });
  let kernel: Kernel;
  let before: ReturnType<typeof footprint>;
  let queue = -1;
  beforeAll(() => {
    kernel = createLinuxKernel();
    probeFeatures(kernel);
  });
  beforeEach(() => {
    queue++;
    before = footprint();
  });
  afterEach(() => expect(footprint()).toEqual(before));

  const openWith = (memory: MemoryOptions, frameCount = 64, on = kernel) =>
    open(on, lab.a.device, { queue, umem: { frameCount, memory } });

  it("is ordinary pages when nothing is said", async () => {
    const socket = await open(kernel, lab.a.device, { queue });
    expect(socket.memory).toEqual({
      pageSize: 4096,
      requested: undefined,
      reason: undefined,
      node: undefined,
      memoryFd: undefined,
    });
    await socket.close();
  });

  it("is huge pages when there are some, whole ones, and they are given back", async () => {
    await withHugePages(2, HUGE_KB, async () => {
      const free = (): number =>
        Number(readFileSync("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "utf8"));
      const unused = free();
      const socket = await openWith({ hugePages: "2M", required: true }, 1025); // 2 MiB and a frame
      expect(socket.memory).toMatchObject({ pageSize: HUGE, requested: "2M", reason: undefined });
      expect(socket.umem.offset).toBe(kernel.alignmentOffset(socket.umem.arena.bytes, HUGE));
      expect(unused - free()).toBe(2);
      await socket.close();
      await expect.poll(free, { timeout: 5000 }).toBe(unused);
    });
  });

  it("is ordinary pages where there are too few huge ones, and says why", async () => {
    await withHugePages(0, HUGE_KB, async () => {
      const socket = await openWith({ hugePages: "2M" }, 2 ** 20 / 2); // 1 GiB
      expect(socket.memory).toMatchObject({ pageSize: 4096, requested: "2M", reason: "ENOMEM" });
      await socket.close();
    });
  });

  it("is smaller huge pages where there are none of the size", async () => {
    const { kernel: failed, fail } = failing();
    probeFeatures(failed);
    fail("mapMemory", 1, "memory", ERRNO.ENOMEM, "ERR_XDP_HUGE_PAGES");
    await withHugePages(1, HUGE_KB, async () => {
      const socket = await openWith({ hugePages: "1G" }, 64, failed);
      expect(socket.memory).toMatchObject({ pageSize: HUGE, requested: "1G", reason: "ENOMEM" });
      await socket.close();
    });
  });

  it("is an error where huge pages are required and there are too few", async () => {
    await withHugePages(0, HUGE_KB, async () => {
      await expect(
        openWith({ hugePages: "2M", required: true }, 2 ** 20 / 2),
      ).rejects.toMatchObject({ code: "ERR_XDP_HUGE_PAGES", errnoName: "ENOMEM" });
    });
  });

  it("can be shared by a descriptor, in which the packets are", async () => {
    const socket = await openWith({ shared: true });
    const { memoryFd } = socket.memory;
    expect(readFileSync(`/proc/self/fdinfo/${memoryFd}`, "utf8")).toContain("flags:");
    const address = socket.allocate();
    socket.bytes.fill(0x5a, address, address + 60);
    const seen = new Uint8Array(60);
    const theirs = openSync(`/proc/self/fd/${memoryFd}`, "r");
    readSync(theirs, seen, 0, 60, address);
    closeSync(theirs);
    expect(seen).toEqual(new Uint8Array(60).fill(0x5a));
    socket.free(address);
    await socket.close();
  });

  it("can be shared in huge pages", async () => {
    await withHugePages(1, HUGE_KB, async () => {
      const socket = await openWith({ shared: true, hugePages: "2M", required: true });
      expect(socket.memory.pageSize).toBe(HUGE);
      await socket.close();
    });
  });

  it("can be memory that is open already, which stays open and keeps the packets", async () => {
    const path = `/dev/shm/afxdp-test-${process.pid}`;
    const fd = openSync(path, "wx+");
    rmSync(path);
    try {
      ftruncateSync(fd, 64 * 2048);
      const socket = await openWith({ shared: fd });
      const address = socket.allocate();
      socket.bytes.fill(7, address, address + 60);
      expect(socket.memory.memoryFd).not.toBe(fd);
      await socket.close();
      const seen = new Uint8Array(60);
      readSync(fd, seen, 0, 60, address);
      expect(seen).toEqual(new Uint8Array(60).fill(7));
      await expect(openWith({ shared: fd }, 65)).rejects.toMatchObject({
        code: "ERR_XDP_ARGUMENT",
        message: expect.stringContaining("135168 bytes"),
      });
    } finally {
      closeSync(fd);
    }
  });

  it("refuses a descriptor that is no memory", async () => {
    const fd = openSync("/dev/null", "r+");
    await expect(openWith({ shared: fd })).rejects.toMatchObject({ code: "ERR_XDP_ARGUMENT" });
    closeSync(fd);
  });

  it("comes from a node that is named, or from the interface's if it has one", async () => {
    const named = await openWith({ node: 0 });
    expect(named.memory.node).toBe(0);
    await named.close();
    const own = await openWith({ node: "interface" });
    expect(own.memory.node).toBeUndefined(); // veth is on none
    await own.close();
  });

  it("is refused from a node that is not there, with where the nodes are listed", async () => {
    await expect(openWith({ node: 1023 })).rejects.toMatchObject({
      code: "ERR_XDP_ARGUMENT",
      message: expect.stringContaining("node 1023"),
      hint: expect.stringContaining("has_memory"),
    });
  });

  it("holds packets that are sent and received, wherever it is in the arena", async () => {
    await withHugePages(1, HUGE_KB, async () => {
      const socket = await openWith({ hugePages: "2M", required: true });
      expect(socket.send(new Uint8Array(60).fill(255))).toBe(true);
      expect(await socket.drained({ timeoutMs: 2000 })).toBe(true);
      expect(socket.umem.audit()).toBe(true);
      await socket.close();
    });
  });

  it("is checked before any call is made, and the step can be tried again", async () => {
    const { kernel: watched, calls } = counted();
    const wrongs: [object, string][] = [
      [{ hugePages: "4M" }, "ERR_XDP_ARGUMENT"],
      [{ required: true }, "ERR_XDP_CONFLICT"],
      [{ hugePages: "2M", required: 1 }, "ERR_XDP_ARGUMENT"],
      [{ shared: -1 }, "ERR_XDP_ARGUMENT"],
      [{ shared: "fd" }, "ERR_XDP_ARGUMENT"],
      [{ node: "eth0" }, "ERR_XDP_ARGUMENT"],
      [{ node: 1024 }, "ERR_XDP_ARGUMENT"],
      [{ pages: 2 }, "ERR_XDP_ARGUMENT"],
    ];
    const needsUmem = beginSetup(watched, lab.a.device, queue).socket();
    calls.length = 0;
    for (const [memory, code] of wrongs) {
      expect(() => needsUmem.umem({ frameCount: 64, memory } as never)).toThrow(
        expect.objectContaining({ code }),
      );
    }
    expect(() => needsUmem.umem({ frameCount: 64, sharers: 1001 })).toThrow(/sharers 1001/);
    expect(() => needsUmem.umem({ frameCount: 64, sharers: 1, ringsLength: 65536 })).toThrow(
      expect.objectContaining({ code: "ERR_XDP_CONFLICT" }),
    );
    expect(calls).toEqual([]);
    needsUmem.umem({ frameCount: 64 });
    await needsUmem.close();
  });

  it("lets unaligned frames be zero copy where they cross no page", async () => {
    await withHugePages(1, HUGE_KB, async () => {
      const umem = { frameCount: 64, frameSize: 3000, unaligned: true };
      const memory = { hugePages: "2M", required: true } as const;
      const socket = await open(kernel, lab.a.device, { queue, umem: { ...umem, memory } });
      expect(socket.copyReason).toBe("EOPNOTSUPP"); // so it was tried
      await socket.close();
    });
  });

  it("is explained in numbers when the process may not lock so much", async () => {
    const program = `
      import { beginSetup } from "@afxdp/driver";
      import { createLinuxKernel } from "@afxdp/native";
      const needs = beginSetup(createLinuxKernel(), process.argv[1], ${queue}).socket();
      try { needs.umem({ frameCount: 1024 }); } catch ({ code, needed, allowed }) {
        console.log(JSON.stringify({ code, needed, allowed }));
      }`;
    const unlimited = ["--inh-caps=-ipc_lock", "--bounding-set=-ipc_lock"];
    const command = ["--memlock=65536:65536", "setpriv", ...unlimited, "--"];
    const node = [process.execPath, "--input-type=module", "-e", program, lab.a.device];
    const output = execFileSync("prlimit", [...command, ...node], {
      cwd: import.meta.dirname,
      encoding: "utf8",
    });
    expect(JSON.parse(output)).toEqual({
      code: "ERR_XDP_MEMLOCK",
      needed: 1024 * 2048,
      allowed: 65536,
    });
  });

  it("is undone when the registration fails", async () => {
    const { kernel: broken, fail } = failing();
    fail("registerUmem", 1, "umem");
    expect(() =>
      prepare(broken, lab.a.device, { queue, umem: { memory: { shared: true } } }),
    ).toThrow(expect.objectContaining({ step: "umem" }));
  });
});
