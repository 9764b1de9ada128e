import {
  loadObject,
  loadSteering,
  type OwnProgram,
  redirect,
  useMap,
  useProgram,
} from "@afxdp/bpf";
import { wrapKernel, XdpSystemError } from "@afxdp/core";
import { createLinuxKernel } from "@afxdp/native";
import { footprint } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { useBpfFs } from "./support/bpf-fs.js";
import { type CompiledProgram, compileProgram } from "./support/programs.js";
import { refused } from "./support/refused.js";
import { introduce, payloadOf, sendUdp } from "./support/udp.js";
import { openXsk, takeUntil } from "./support/xsk.js";

describeOnKernel("a program or XSKMAP that is loaded already", () => {
  const kernel = createLinuxKernel();
  const lab = useLab({ ipv6: false });
  const bpfFs = useBpfFs();
  let own: CompiledProgram;
  let several: CompiledProgram;
  let foreign: CompiledProgram;
  let theirs: OwnProgram;
  let index: number;
  let before: ReturnType<typeof footprint>;
  beforeAll(() => {
    own = compileProgram("own");
    several = compileProgram("several");
    foreign = compileProgram("foreign");
    index = kernel.interfaceState(lab.a.device).index;
    introduce(lab.b, lab.a);
    theirs = loadObject(kernel, { object: own.bytes });
    theirs.pin({ program: bpfFs.path("program"), map: bpfFs.path("sockets") });
  });
  beforeEach(() => {
    before = footprint();
  });
  afterEach(() => expect(footprint()).toEqual(before));
  afterAll(() => {
    theirs.unpin();
    theirs.close();
    for (const object of [own, several, foreign]) object.remove();
  });

  const mapId = (): number => kernel.mapInfo(theirs.socketMap).id;
  const sources = [
    ["an id", () => ({ program: { id: theirs.id }, map: { id: mapId() } })],
    [
      "a pin",
      () => ({ program: { pin: bpfFs.path("program") }, map: { pin: bpfFs.path("sockets") } }),
    ],
  ] as const;

  it.each(sources)("the program is opened by %s, and its XSKMAP found", (_, sourcesOf) => {
    const program = useProgram(kernel, { program: sourcesOf().program });
    expect(program).toMatchObject({ id: theirs.id, name: "own" });
    expect(kernel.mapInfo(program.socketMap).id).toBe(mapId());
    program.close();
    const given = useProgram(kernel, sourcesOf());
    expect(kernel.mapInfo(given.socketMap).id).toBe(mapId());
    given.close();
  });

  it("both are opened by a descriptor, which stays its owner's", () => {
    const program = useProgram(kernel, { program: { descriptor: theirs.program } });
    expect(program.program).not.toBe(theirs.program);
    const map = useMap(kernel, { descriptor: theirs.socketMap });
    expect(map).toMatchObject({ id: mapId(), name: "sockets", queues: 2 });
    map.close();
    program.close();
    expect(kernel.programInfo(theirs.program).id).toBe(theirs.id);
  });

  it.each(["skb", "drv"] as const)(
    "sockets enter the XSKMAP of a program that somebody else attached in mode %s, and leave it",
    async (mode) => {
      const attachment = theirs.attach(index, lab.a.device, mode);
      const socket = openXsk(kernel, index);
      const map = useMap(kernel, { pin: bpfFs.path("sockets") });
      map.enter(0, socket.fd);
      sendUdp(lab.b, { address: lab.a.ipv4, port: 9000 }, "theirs");
      const [packet] = await takeUntil(socket, 1);
      expect(packet && payloadOf(packet.bytes)).toBe("theirs");
      map.leave(0);
      map.leave(0);
      refused("ERR_XDP_MAP_FULL", () => map.enter(2, socket.fd));
      refused("ERR_XDP_QUEUE_ID", () => map.leave(-1));
      map.close();
      map[Symbol.dispose]();
      refused("ERR_XDP_CLOSED", () => map.enter(0, socket.fd));
      expect(kernel.attachedProgram(index)?.id).toBe(theirs.id);
      socket.close();
      attachment.detach();
    },
  );

  it("a program that is attached already is not attached again, and stays when closed", () => {
    const attachment = theirs.attach(index, lab.a.device);
    const program = useProgram(kernel, { program: { id: theirs.id } });
    const error = refused("ERR_XDP_PROGRAM_PRESENT", () => program.attach(index, lab.a.device));
    expect(error.hint).toContain("this very program");
    program.close();
    expect(kernel.attachedProgram(index)?.id).toBe(theirs.id);
    attachment.detach();
  });

  it("one that is not attached can be attached, and goes again when closed", () => {
    const program = useProgram(kernel, { program: { pin: bpfFs.path("program") } });
    program.attach(index, lab.a.device);
    expect(kernel.attachedProgram(index)?.id).toBe(theirs.id);
    program.close();
    expect(kernel.attachedProgram(index)).toBeUndefined();
  });

  it("a program that is bound to a device is refused elsewhere, and in another mode, by the kernel", () => {
    const bound = loadSteering(kernel, {
      rules: redirect.all(),
      queues: 1,
      hints: { interfaceIndex: index },
    });
    const program = useProgram(kernel, { program: { id: bound.id } });
    const { index: loopback } = kernel.interfaceState("lo");
    refused("ERR_XDP_ATTACH", () => program.attach(loopback, "lo"));
    refused("ERR_XDP_ATTACH", () => program.attach(index, lab.a.device, "skb"));
    program.attach(index, lab.a.device);
    program.close();
    bound.close();
  });

  it("a program with several XSKMAPs, or with none, needs one to be given", () => {
    const object = several.bytes;
    const two = loadObject(kernel, { object, programName: "by_length", mapName: "odd" });
    const { id } = kernel.mapInfo(two.socketMap);
    const error = refused("ERR_XDP_MAP", () => useProgram(kernel, { program: { id: two.id } }));
    expect(error.message).toContain("odd");
    useProgram(kernel, { program: { id: two.id }, map: { id } }).close();
    two.close();
    const none = kernel.loadProgram({ object: foreign.bytes });
    refused("ERR_XDP_MAP", () => useProgram(kernel, { program: { id: none.id } }));
    // A program that it calls may redirect to it.
    useProgram(kernel, { program: { id: none.id }, map: { id: mapId() } }).close();
    kernel.close(none.program);
  });

  it("what is of another kind is refused", () => {
    const counter = { id: kernel.mapInfo(theirs.maps.counter as number).id };
    const program = { id: theirs.id };
    const pinned = { pin: bpfFs.path("program") };
    expect(refused("ERR_XDP_MAP", () => useMap(kernel, counter)).message).toContain("counter");
    refused("ERR_XDP_MAP", () => useProgram(kernel, { program, map: counter }));
    refused("ERR_XDP_ARGUMENT", () => useMap(kernel, pinned));
    refused("ERR_XDP_ARGUMENT", () =>
      useProgram(kernel, { program: { pin: bpfFs.path("sockets") } }),
    );
  });

  it("a program of another type is refused", () => {
    const pushing = compileProgram("push-vlan");
    const tc = (...args: string[]) => lab.a.run("unshare", "--mount", "tc", ...args);
    const device = ["dev", lab.a.device];
    tc("qdisc", "add", ...device, "clsact");
    try {
      const object = ["bpf", "direct-action", "obj", pushing.path, "sec", "tc"];
      tc("filter", "add", ...device, "egress", ...object);
      const id = Number(/ id (\d+)/.exec(tc("filter", "show", ...device, "egress"))?.[1]);
      refused("ERR_XDP_ARGUMENT", () => useProgram(kernel, { program: { id } }));
    } finally {
      tc("qdisc", "del", ...device, "clsact");
      pushing.remove();
    }
  });

  it("what is not there is refused", () => {
    refused("ERR_XDP_SYSCALL", () => useProgram(kernel, { program: { id: 0x7fff_fff0 } }));
    refused("ERR_XDP_SYSCALL", () => useMap(kernel, { pin: bpfFs.path("gone") }));
    refused("ERR_XDP_SYSCALL", () => useMap(kernel, { descriptor: 0 }));
  });

  it.each(["programInfo", "openBpf", "mapInfo", "close"] as const)(
    "when the first %s fails, nothing stays open",
    (failing) => {
      let calls = 0;
      const broken = wrapKernel(kernel, (method, _, proceed) => {
        if (method !== failing || calls++ > 0) return proceed();
        if (method === "close") proceed();
        throw new XdpSystemError({ step: "program", syscall: failing, errno: 5 });
      });
      refused("ERR_XDP_SYSCALL", () =>
        useProgram(broken, { program: { pin: bpfFs.path("program") } }),
      );
    },
  );
});
