import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { ethernet, footprint, withHugePages } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { createLinuxKernel, type Socket, type UmemSetup } from "afxdp";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { caught, openSender, sendTo, TYPES } from "./support/catch-packets.js";
import { open } from "./support/open.js";

const MIB = 2 ** 20;

describeOnKernel("the memory of a socket", () => {
  const lab = useLab({ ipv6: false });
  let sender: Socket;
  let before: ReturnType<typeof footprint>;
  beforeAll(async () => {
    sender = await openSender(lab.b);
    await (await open(lab, "rx")).close();
  });
  afterAll(() => sender.close());
  beforeEach(() => {
    before = footprint();
  });
  afterEach(() => expect(footprint()).toEqual(before));

  /** Whether packets come in and go out. */
  async function works(socket: Socket): Promise<void> {
    for (let i = 0; i < 200; i++) {
      sendTo(lab, sender, TYPES[0], i & 0xff);
      expect(await caught(socket, 1)).toEqual([[TYPES[0], i & 0xff]]);
    }
    expect(socket.send(ethernet({ to: lab.b.mac, from: lab.a.mac }))).toBe(true);
    expect(await socket.drained({ timeoutMs: 2000 })).toBe(true);
    expect(socket.stats()).toMatchObject({ rxInvalid: 0, invalidCompletions: 0 });
    expect(socket.umem.audit()).toBe(true);
  }

  describe.each(["skb", "drv"] as const)("in mode %s", (mode) => {
    it.each<[string, Partial<UmemSetup>]>([
      ["of this process, in whole pages", {}],
      ["of unaligned frames of an odd size", { unaligned: true, frameSize: 3001 }],
      ["of unaligned frames in a memfd", { unaligned: true, memory: { shared: true } }],
      ["with headroom", { headroom: 100 }],
      ["in a memfd", { memory: { shared: true } }],
      ["on the interface's node", { memory: { node: "interface" } }],
    ])("%s: packets come and go", async (_, umem) => {
      await using socket = await open(lab, "both", { mode, umem });
      await works(socket);
    });
  });

  it("is told: ordinary pages where nothing was asked for", async () => {
    await using socket = await open(lab, "both");
    expect(socket.memory).toEqual({
      pageSize: 4096,
      requested: undefined,
      reason: undefined,
      node: undefined,
      memoryFd: undefined,
    });
  });

  it("in huge pages where there are enough", async () => {
    await withHugePages(4, 2048, async () => {
      const umem: Partial<UmemSetup> = { memory: { hugePages: "2M", required: true } };
      await using socket = await open(lab, "both", { umem });
      expect(socket.memory).toMatchObject({
        pageSize: 2 * MIB,
        requested: "2M",
        reason: undefined,
      });
      expect(readFileSync("/proc/self/maps", "utf8")).toMatch(/hugepage/);
      await works(socket);
    });
  });

  it("in ordinary pages where there are not enough huge ones, which is told", async () => {
    const umem: Partial<UmemSetup> = { memory: { hugePages: "1G" } };
    await using socket = await open(lab, "both", { umem });
    expect(socket.memory).toMatchObject({ requested: "1G", reason: expect.any(String) });
    expect(socket.memory.pageSize).toBeLessThan(2 ** 30);
    await works(socket);
  });

  it("in huge pages that are required and not there is an error, and everything is undone", async () => {
    const umem: Partial<UmemSetup> = { memory: { hugePages: "1G", required: true } };
    await expect(open(lab, "both", { umem })).rejects.toMatchObject({
      code: "ERR_XDP_HUGE_PAGES",
      suppressed: [],
    });
  });

  it("in a memfd is another process's as well", async () => {
    await using socket = await open(lab, "both", { umem: { memory: { shared: true } } });
    const { memoryFd } = socket.memory;
    const path = `/proc/${process.pid}/fd/${memoryFd}`;
    const read = (address: number, length: number): string =>
      lab.a.run(
        process.execPath,
        "-e",
        `const fs = require("node:fs"); const [path, at, length] = process.argv.slice(1);
         const bytes = Buffer.alloc(Number(length));
         fs.readSync(fs.openSync(path), bytes, 0, bytes.length, Number(at));
         console.log(bytes.toString("hex"));`,
        ...[path, String(address), String(length)],
      );
    const address = socket.allocate();
    socket.bytes.set([0xde, 0xad, 0xbe, 0xef], address);
    expect(read(address, 4).trim()).toBe("deadbeef");
    socket.free(address);
    // And a packet that the kernel wrote, where it lies.
    sendTo(lab, sender, TYPES[0], 0x5a);
    expect(await socket.readable({ timeoutMs: 2000 })).toBe(true);
    socket.receive((batch) => {
      const fd = openSync(path, "r");
      const bytes = Buffer.alloc(batch.length(0));
      readSync(fd, bytes, 0, bytes.length, batch.address(0));
      closeSync(fd);
      expect(bytes).toEqual(Buffer.from(batch.packet(0)));
    });
  });

  it("in a descriptor that is handed in stays its owner's", async () => {
    const kernel = createLinuxKernel();
    const memory = kernel.createMemory("test", 512 * 2048, 0);
    const socket = await open(lab, "both", { umem: { memory: { shared: memory } } });
    expect(socket.memory.memoryFd).not.toBe(memory);
    const address = socket.allocate();
    socket.bytes.set([1, 2, 3], address);
    socket.free(address);
    await socket.close();
    const bytes = Buffer.alloc(3);
    const fd = openSync(`/proc/self/fd/${memory}`, "r");
    readSync(fd, bytes, 0, 3, address);
    closeSync(fd);
    expect([...bytes]).toEqual([1, 2, 3]);
    kernel.close(memory);
  });

  it.each<[string, Partial<UmemSetup>, string]>([
    ["a huge page of no size", { memory: { hugePages: "4K" as never } }, "ERR_XDP_ARGUMENT"],
    ["required without hugePages", { memory: { required: true } }, "ERR_XDP_CONFLICT"],
    ["a node that is none", { memory: { node: -1 } }, "ERR_XDP_ARGUMENT"],
    ["sharers and ringsLength", { sharers: 1, ringsLength: 65536 }, "ERR_XDP_CONFLICT"],
  ])("that means nothing is refused by umem: %s", (_, umem, code) => {
    expect(() => open(lab, "both", { umem })).toThrow(expect.objectContaining({ code }));
  });

  it("of frames that cross pages cannot be zero copy, which is said before anything is done", async () => {
    const umem: Partial<UmemSetup> = { unaligned: true, frameSize: 3000 };
    await expect(open(lab, "both", { umem, zeroCopy: "require" })).rejects.toMatchObject({
      code: "ERR_XDP_CONFLICT",
    });
    await using socket = await open(lab, "both", { umem });
    expect(socket.mode.copyReason).toMatch(/cross pages/);
  });
});
