import { loadObject, type ObjectOptions, type OwnProgram } from "@afxdp/bpf";
import type { XdpProgramError } from "@afxdp/core";
import { decodeU32, ERRNO, encodeU32, wrapKernel, XdpSystemError } from "@afxdp/core";
import { createLinuxKernel } from "@afxdp/native";
import { footprint } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { useBpfFs } from "./support/bpf-fs.js";
import { type CompiledProgram, compileProgram } from "./support/programs.js";
import { refused } from "./support/refused.js";
import { introduce, payloadOf, sendUdp } from "./support/udp.js";
import { openXsk, takeUntil } from "./support/xsk.js";

const JUMBO = 9000;

describeOnKernel("a program of the user, from an object", () => {
  const kernel = createLinuxKernel();
  const lab = useLab({ ipv6: false, mtu: JUMBO });
  const bpfFs = useBpfFs();
  let own: CompiledProgram;
  let several: CompiledProgram;
  let foreign: CompiledProgram;
  let index: number;
  let before: ReturnType<typeof footprint>;
  beforeAll(() => {
    own = compileProgram("own");
    several = compileProgram("several");
    foreign = compileProgram("foreign");
    index = kernel.interfaceState(lab.a.device).index;
    introduce(lab.b, lab.a);
  });
  beforeEach(() => {
    before = footprint();
  });
  afterEach(() => expect(footprint()).toEqual(before));
  afterAll(() => {
    for (const object of [own, several, foreign]) object.remove();
  });

  const load = (options: Partial<ObjectOptions> = {}): OwnProgram =>
    loadObject(kernel, { object: own.bytes, ...options });
  const counted = (program: OwnProgram): number =>
    decodeU32(kernel.lookupMap(program.maps.counter as number, encodeU32(0)) as Uint8Array);

  it.each(["skb", "drv"] as const)("its packets reach the socket in mode %s", async (mode) => {
    const program = load({ frags: true });
    const socket = openXsk(kernel, index);
    try {
      expect(program).toMatchObject({ name: "own", deviceIndex: 0 });
      program.enter(0, socket.fd);
      program.attach(index, lab.a.device, mode);
      sendUdp(lab.b, { address: lab.a.ipv4, port: 9000 }, "mine");
      const [packet] = await takeUntil(socket, 1);
      expect(packet && payloadOf(packet.bytes)).toBe("mine");
      expect(counted(program)).toBe(1);

      program.leave(0);
      expect(lab.b.run("ping", "-q", "-c", "1", lab.a.ipv4)).toContain("1 received");
      expect(socket.take()).toEqual([]);
    } finally {
      program.close();
      socket.close();
    }
    expect(kernel.attachedProgram(index)).toBeUndefined();
  });

  it("without frags it does not run in the driver at a jumbo MTU, with frags it does", () => {
    const plain = load();
    const hint = refused("ERR_XDP_ATTACH", () => plain.attach(index, lab.a.device, "drv")).hint;
    expect(hint).toContain("MTU");
    plain.close();
    const jumbo = load({ frags: true });
    jumbo.attach(index, lab.a.device, "drv").detach();
    jumbo.close();
  });

  it("a queue that its XSKMAP has no entry for is refused before the system call", () => {
    const calls: string[] = [];
    const watched = wrapKernel(kernel, (method, _, proceed) => {
      calls.push(method);
      return proceed();
    });
    const program = loadObject(watched, { object: own.bytes });
    calls.length = 0;
    const error = refused("ERR_XDP_MAP_FULL", () => program.enter(2, 0));
    expect(error.message).toContain("queue 2");
    refused("ERR_XDP_MAP_FULL", () => program.leave(2));
    refused("ERR_XDP_QUEUE_ID", () => program.enter(65536, 0));
    expect(calls).toEqual([]);
    program.close();
  });

  it("its XSKMAP can be given more entries", () => {
    const program = load({ mapEntries: { sockets: 64 } });
    const socket = kernel.socket();
    program.enter(63, socket);
    program.leave(63);
    program.leave(63);
    kernel.close(socket);
    program.close();
  });

  it("its XSKMAP can be one that is pinned", () => {
    const first = load();
    first.pin({ map: bpfFs.path("sockets") });
    const second = load({ maps: { sockets: { pin: bpfFs.path("sockets") } } });
    expect(kernel.mapInfo(second.socketMap).id).toBe(kernel.mapInfo(first.socketMap).id);
    first.unpin();
    first.close();
    second.close();
  });

  it("of several programs and XSKMAPs those are taken that are named", () => {
    const object = several.bytes;
    const program = load({ object, programName: "by_length", mapName: "odd" });
    expect(program.name).toBe("by_length");
    expect(kernel.mapInfo(program.socketMap).name).toBe("odd");
    program.close();
  });

  it("when there are several XSKMAPs and none is named, they are listed", () => {
    const options = { object: several.bytes, programName: "by_length" };
    const { message } = refused("ERR_XDP_MAP", () => load(options));
    expect(message).toContain("even");
    expect(message).toContain("odd");
  });

  it("several programs of which none is named, and one that is not there, are refused", () => {
    refused("ERR_XDP_PROGRAM", () => load({ object: several.bytes, mapName: "odd" }));
    refused("ERR_XDP_PROGRAM", () => load({ programName: "other" }));
  });

  it.each([
    ["another map", "counter", "XSKMAP"],
    ["one that is not there", "other", "counter"],
    ["one that every object inherits", "toString", "counter"],
  ])("a named map that is %s is refused", (_, mapName, said) => {
    expect(refused("ERR_XDP_MAP", () => load({ mapName })).message).toContain(said);
  });

  it("a program without an XSKMAP is refused", () => {
    refused("ERR_XDP_MAP", () => load({ object: foreign.bytes }));
  });

  it("a map to use that is not there, or that does not fit, is refused", () => {
    const program = load();
    const pin = bpfFs.path("program");
    program.pin({ program: pin });
    refused("ERR_XDP_ARGUMENT", () => load({ maps: { sockets: { pin } } }));
    refused("ERR_XDP_SYSCALL", () => load({ maps: { sockets: { pin: bpfFs.path("gone") } } }));
    const descriptor = { id: kernel.mapInfo(program.maps.counter as number).id };
    refused("ERR_XDP_PROGRAM", () => load({ maps: { sockets: descriptor } }));
    program.unpin();
    program.close();
  });

  it("a map to use under a name that every object has is refused, and closed", () => {
    const program = load();
    const { id } = kernel.mapInfo(program.socketMap);
    const maps = JSON.parse(`{"__proto__":{"id":${id}}}`);
    const opened = footprint();
    expect(refused("ERR_XDP_PROGRAM", () => load({ maps })).message).toContain("__proto__");
    expect(footprint()).toEqual(opened);
    program.close();
  });

  it.each([1, 2, 3, 4])("when close %i of 4 fails, the others are closed", (nth) => {
    let closes = 0;
    const failing = wrapKernel(kernel, (method, _, proceed) => {
      const answer = proceed();
      if (method !== "close" || ++closes !== nth) return answer;
      throw new XdpSystemError({ step: "close", syscall: "close", errno: ERRNO.EIO });
    });
    const program = loadObject(failing, { object: own.bytes });
    program.attach(index, lab.a.device, "skb");
    refused("ERR_XDP_SYSCALL", () => program.close());
    expect(closes).toBe(4);
    program.close();
  });

  it("after close every call says so", () => {
    const program = load();
    program.close();
    program[Symbol.dispose]();
    refused("ERR_XDP_CLOSED", () => program.enter(0, 0));
    refused("ERR_XDP_CLOSED", () => program.leave(0));
    refused("ERR_XDP_CLOSED", () => program.attach(index, lab.a.device));
    refused("ERR_XDP_CLOSED", () => program.pin({ map: bpfFs.path("closed") }));
    refused("ERR_XDP_CLOSED", () => program.socketMap);
  });

  it("one that the verifier rejects gives its words, shortened in the message and whole beside it", () => {
    const rejected = compileProgram("rejected");
    const error = refused("ERR_XDP_PROGRAM", () => load({ object: rejected.bytes }));
    rejected.remove();
    const { log, message } = error as XdpProgramError;
    expect(log.length).toBeGreaterThan(4000);
    expect(message.length).toBeLessThan(log.length / 2);
    for (const text of [log, message]) expect(text).toContain("invalid access to packet");
  });
});
