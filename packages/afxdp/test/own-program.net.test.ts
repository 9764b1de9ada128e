import { loadObject, loadSteering, type OwnProgram, useMap } from "@afxdp/bpf";
import { type BpfFs, footprint, mountBpfFs } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import {
  afxdp,
  createLinuxKernel,
  type OpenOptions,
  type ProgramOptions,
  type ProgramSource,
  redirect,
  type Socket,
} from "afxdp";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { caught, openSender, sendTo, TYPES } from "./support/catch-packets.js";
import { compileProgram } from "./support/compile.js";
import { open } from "./support/open.js";

const [ONE, OTHER] = TYPES;
const conflict = expect.objectContaining({ code: "ERR_XDP_CONFLICT" });

describeOnKernel("programs of the user", () => {
  const lab = useLab({ ipv6: false });
  const kernel = createLinuxKernel();
  const opened: Socket[] = [];
  let object: Uint8Array;
  let sender: Socket;
  let bpfFs: BpfFs;
  let before: ReturnType<typeof footprint>;
  beforeAll(async () => {
    object = compileProgram("by-type");
    bpfFs = mountBpfFs();
    sender = await openSender(lab.b);
    await (await open(lab, "rx")).close();
  });
  afterAll(async () => {
    await sender.close();
    bpfFs.close();
  });
  beforeEach(() => {
    before = footprint();
  });
  afterEach(async () => {
    for (const socket of opened.splice(0).reverse()) await socket.close();
    expect(footprint()).toEqual(before);
    expect(attached()).toBeUndefined();
  });
  const attached = () => kernel.attachedProgram(kernel.interfaceState(lab.a.device).index);
  const index = (): number => kernel.interfaceState(lab.a.device).index;
  const opening = async (
    rules: ProgramSource,
    program: ProgramOptions = {},
    options: OpenOptions = {},
  ): Promise<Socket> => {
    const socket = await open(lab, "rx", { rules, program, ...options, umem: { sharers: 1 } });
    opened.push(socket);
    return socket;
  };
  const beside = async (
    owner: Socket,
    rules: ProgramSource,
    program: ProgramOptions = {},
  ): Promise<Socket> => {
    const stage = afxdp(lab.a.device).shareQueue(owner).rx(64);
    const socket = await stage.program(rules, program).open();
    opened.push(socket);
    return socket;
  };
  async function gets(socket: Socket, type: number): Promise<void> {
    sendTo(lab, sender, type, 9);
    expect(await caught(socket, 1)).toEqual([[type, 9]]);
  }

  describe.each(["skb", "drv"] as const)("in mode %s", (mode) => {
    it("an object is loaded, attached, and gone with the socket", async () => {
      const socket = await opening({ object }, {}, { mode });
      expect(socket.program).toMatchObject({ name: "by_type", rules: undefined });
      expect(attached()).toMatchObject({ id: socket.program?.id, mode });
      expect(socket.mode.xdp).toBe(mode);
      await gets(socket, ONE);
      expect(() => socket.program?.setRules(redirect.all())).toThrow(
        expect.objectContaining({ code: "ERR_XDP_STATE" }),
      );
    });

    it("the key says where in the XSKMAP the socket is", async () => {
      const socket = await opening({ object }, { key: 1 }, { mode });
      await gets(socket, OTHER);
    });

    describe("one that is loaded already", () => {
      let theirs: OwnProgram;
      let mapId: number;
      beforeEach(() => {
        theirs = loadObject(kernel, { object });
        mapId = kernel.mapInfo(theirs.socketMap).id;
        theirs.pin({ program: `${bpfFs.path}/program`, map: `${bpfFs.path}/map` });
      });
      afterEach(async () => {
        for (const socket of opened.splice(0).reverse()) await socket.close();
        theirs.unpin();
        theirs.close();
      });

      it.each([
        ["its id", () => ({ program: { id: theirs.id } })],
        ["its descriptor", () => ({ program: { descriptor: theirs.program } })],
        ["its pin", () => ({ program: { pin: `${bpfFs.path}/program` } })],
        ["its id, and the map's", () => ({ program: { id: theirs.id }, map: { id: mapId } })],
      ] as [string, () => ProgramSource][])(
        "is attached by %s, and taken off at the end",
        async (_, source) => {
          const socket = await opening(source(), {}, { mode });
          expect(attached()).toMatchObject({ id: theirs.id, mode });
          expect(socket.mode.xdp).toBe(mode);
          await gets(socket, ONE);
          await socket.close();
          expect(attached()).toBeUndefined();
        },
      );

      it("is used as it is where it is attached already, and stays so", async () => {
        const attachment = theirs.attach(index(), lab.a.device, mode);
        const wrongMode = mode === "skb" ? "drv" : "skb";
        const source = { program: { id: theirs.id } };
        await expect(opening(source, {}, { mode: wrongMode })).rejects.toEqual(conflict);
        await expect(opening(source, { by: "link" })).rejects.toEqual(conflict);
        const socket = await opening(source, {}, { mode });
        expect(socket.mode.xdp).toBe("foreign");
        await gets(socket, ONE);
        await socket.close();
        expect(attached()?.id).toBe(theirs.id);
        attachment.detach();
      });

      it.each([
        ["its id", () => ({ map: { id: mapId } })],
        ["its descriptor", () => ({ map: { descriptor: theirs.socketMap } })],
        ["its pin", () => ({ map: { pin: `${bpfFs.path}/map` } })],
      ] as [string, () => ProgramSource][])(
        "has its XSKMAP entered by %s, and left at the end",
        async (_, source) => {
          theirs.attach(index(), lab.a.device, mode);
          const socket = await opening(source());
          expect(socket.mode.xdp).toBe("foreign");
          expect(socket.program).toMatchObject({ id: mapId, name: "sockets" });
          await gets(socket, ONE);
          await socket.close();
          const next = await opening(source(), { key: 1 });
          await gets(next, OTHER);
        },
      );

      it("serves two sockets on one queue under two keys", async () => {
        theirs.attach(index(), lab.a.device, mode);
        const owner = await opening(theirs, { key: 0 });
        const sharer = await beside(owner, theirs, { key: 1 });
        await gets(sharer, OTHER);
        await gets(owner, ONE);
        await sharer.close();
        expect(theirs.id).toBe(attached()?.id);
        await gets(owner, ONE);
      });

      it("has one socket at a key, however it is opened", async () => {
        const owner = await opening(theirs);
        for (const source of [theirs, { map: { id: mapId } }, { program: { id: theirs.id } }]) {
          await expect(beside(owner, source)).rejects.toEqual(conflict);
        }
        const map = useMap(kernel, { id: mapId });
        await expect(beside(owner, map)).rejects.toEqual(conflict);
        map.close();
        theirs.attach(index(), lab.a.device, mode);
        await gets(owner, ONE);
        await owner.close();
        await gets(await opening(theirs), ONE);
      });
    });

    it("by netlink it is detached at close all the same", async () => {
      for (const source of [{ object }, redirect.etherType(ONE)]) {
        const socket = await opening(source, { by: "netlink" }, { mode });
        expect(attached()?.id).toBe(socket.program?.id);
        await gets(socket, ONE);
        await socket.close();
        expect(attached()).toBeUndefined();
      }
    });

    it("with its link pinned it stays when the socket is closed", async () => {
      const pin = `${bpfFs.path}/link`;
      const socket = await opening({ object }, { pin }, { mode });
      await gets(socket, ONE);
      await socket.close();
      expect(attached()?.id).toBe(socket.program?.id);
      // Another socket takes it up by its id.
      const next = await opening({ program: { id: socket.program?.id as number } });
      await gets(next, ONE);
      await next.close();
      kernel.unpin(pin);
      // The kernel lets go of an unpinned link a moment later.
      await expect.poll(attached, { timeout: 10_000 }).toBeUndefined();
    });
  });

  it("a steering program of one's own can be entered, and its rules are its own matter", async () => {
    const program = loadSteering(kernel, { rules: redirect.etherType(OTHER), queues: 1 });
    const socket = await opening(program);
    program.attach(index(), lab.a.device);
    await gets(socket, OTHER);
    expect(socket.program?.id).toBe(program.id);
    await socket.close();
    expect(attached()?.id).toBe(program.id);
    program.close();
  });

  it("a program of one's own can be closed before the socket, which then gets nothing more", async () => {
    const program = loadObject(kernel, { object });
    const socket = await opening(program);
    program.attach(index(), lab.a.device);
    await gets(socket, ONE);
    program.close();
    expect(attached()).toBeUndefined();
    sendTo(lab, sender, ONE, 1);
    expect(await socket.readable({ timeoutMs: 50 })).toBe(false);
    expect(await socket.close()).toMatchObject({ application: 0 });
  });

  it.each([
    ["an object that is none", { object: new Uint8Array(100) }, {}, "ERR_XDP_PROGRAM"],
    ["a program that is not there", { program: { id: 0x7fffffff } }, {}, "ERR_XDP_SYSCALL"],
    ["a map that is not there", { map: { pin: "/sys/fs/bpf/none-such" } }, {}, "ERR_XDP_SYSCALL"],
  ] as [string, ProgramSource, ProgramOptions, string][])(
    "%s is an error, and everything is undone",
    async (_, source, program, code) => {
      await expect(opening(source, program)).rejects.toMatchObject({ code, suppressed: [] });
    },
  );

  it("a key that the map has not is an error, and everything is undone", async () => {
    await expect(opening({ object }, { key: 2 })).rejects.toMatchObject({
      code: "ERR_XDP_MAP_FULL",
      suppressed: [],
    });
  });
});
