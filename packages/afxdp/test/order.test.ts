import { afxdp, type Kernel, redirect, type XdpOrderError } from "afxdp";
import { describe, expect, it } from "vitest";

/** Every builder call with a good value, as plain JavaScript can make it at any time. */
type Any = Record<string, (...args: unknown[]) => unknown>;
const ARGUMENTS: Record<string, unknown[]> = {
  umem: [{ frameCount: 64 }],
  shareUmem: [{}],
  shareQueue: [{}],
  fill: [64],
  completion: [64],
  rx: [64],
  tx: [64],
  program: [redirect.all()],
  open: [],
};

/** A Kernel of which nothing may be called. */
const untouchable = new Proxy({} as Kernel, {
  get(_target, property) {
    return () => {
      throw new Error(`the kernel was touched: ${String(property)}`);
    };
  },
});

const begin = (): Any => afxdp("veth0", { kernel: untouchable }) as unknown as Any;
const call = (stage: Any, verb: string): unknown =>
  stage[verb]?.(...(ARGUMENTS[verb] as unknown[]));

async function attempt(stage: Any, verb: string): Promise<XdpOrderError | "done"> {
  try {
    await call(stage, verb);
    return "done";
  } catch (error) {
    return error as XdpOrderError;
  }
}

/** The legal paths up to the point where `open` may come, and what may come next there. */
const PATHS: [path: string[], legal: string[]][] = [
  [[], ["umem", "shareUmem", "shareQueue"]],
  [["umem"], ["fill"]],
  [["umem", "fill"], ["completion"]],
  [
    ["umem", "fill", "completion"],
    ["rx", "tx"],
  ],
  [["umem", "fill", "completion", "tx"], ["open"]],
  [
    ["umem", "fill", "completion", "rx"],
    ["tx", "program"],
  ],
  [["umem", "fill", "completion", "rx", "program"], ["open"]],
  [["umem", "fill", "completion", "rx", "tx"], ["program"]],
  [["umem", "fill", "completion", "rx", "tx", "program"], ["open"]],
];

const walk = (path: readonly string[]): Any =>
  path.reduce((stage, verb) => call(stage, verb) as Any, begin());

describe.each(PATHS)("after %j", (path, legal) => {
  it(`only ${legal.join(" or ")} may follow, and the error says so`, async () => {
    for (const verb of Object.keys(ARGUMENTS).filter((name) => !legal.includes(name))) {
      const stage = walk(path);
      expect(await attempt(stage, verb)).toMatchObject({
        code: "ERR_XDP_STATE",
        attempted: verb,
        legal,
      });
      // The refused call has changed nothing: the legal one still works.
      if (legal[0] !== "open") expect(await attempt(stage, legal[0] as string)).toBe("done");
    }
  });

  it("the stage can be used once", async () => {
    const stage = walk(path);
    const verb = legal[0] as string;
    if (verb === "open") await expect(call(stage, verb)).rejects.toThrow("the kernel was touched");
    else call(stage, verb);
    for (const again of Object.keys(ARGUMENTS)) {
      expect(await attempt(stage, again)).toMatchObject({ code: "ERR_XDP_STATE", legal: [] });
    }
  });
});

describe("a wrong value is refused at once, before anything is touched", () => {
  const ready = ["umem", "fill", "completion", "rx", "program"];
  it.each([
    [[], "umem", [{ frameCount: 1 }], "ERR_XDP_UMEM_SIZE"],
    [[], "umem", [{ frameCount: 64, frameSize: 1000 }], "ERR_XDP_CHUNK_SIZE"],
    [[], "umem", [{ frameCount: 64, headroom: 2000 }], "ERR_XDP_HEADROOM"],
    [[], "umem", [{ frameCount: 64, txMetadata: { length: 256 } }], "ERR_XDP_TX_METADATA"],
    [["umem"], "fill", [128], "ERR_XDP_UMEM_SIZE"],
    [["umem", "fill", "completion"], "rx", [64, { budget: 64 }], "ERR_XDP_ARGUMENT"],
    ...[0, 3, -1, 1.5, Number.NaN, 2 ** 31, 2 ** 17, "64", undefined].map(
      (size) => [["umem"], "fill", [size], "ERR_XDP_RING_SIZE"] as const,
    ),
    [["umem", "fill"], "completion", [0], "ERR_XDP_RING_SIZE"],
    [["umem", "fill", "completion"], "rx", [100], "ERR_XDP_RING_SIZE"],
    [["umem", "fill", "completion"], "tx", [100], "ERR_XDP_RING_SIZE"],
    [["umem", "fill", "completion", "rx"], "program", [{ port: 9000 }], "ERR_XDP_RULE"],
    [[], "shareUmem", [{}], "ERR_XDP_ARGUMENT"],
    [[], "shareUmem", [undefined], "ERR_XDP_ARGUMENT"],
    [[], "shareQueue", [{ closed: false }], "ERR_XDP_ARGUMENT"],
    [["umem", "fill", "completion"], "tx", [64, { budget: 31 }], "ERR_XDP_ARGUMENT"],
    [["umem", "fill", "completion"], "tx", [64, { budget: 65 }], "ERR_XDP_ARGUMENT"],
    [["umem", "fill", "completion"], "tx", [64, { budget: "64" }], "ERR_XDP_ARGUMENT"],
    [["umem", "fill", "completion"], "tx", [64, { budgets: 64 }], "ERR_XDP_ARGUMENT"],
    [["umem", "fill", "completion"], "tx", [64, null], "ERR_XDP_ARGUMENT"],
    [ready, "open", [{ zeroCopy: "maybe" }], "ERR_XDP_ARGUMENT"],
    [ready, "open", [{ needWakeup: 1 }], "ERR_XDP_ARGUMENT"],
    [ready, "open", [{ multiBuffer: "yes" }], "ERR_XDP_ARGUMENT"],
    [ready, "open", [{ promiscuous: 1 }], "ERR_XDP_ARGUMENT"],
    [ready, "open", [{ busyPoll: true }], "ERR_XDP_ARGUMENT"],
    [ready, "open", [{ busyPoll: { microseconds: 20, budget: 0 } }], "ERR_XDP_ARGUMENT"],
    [ready, "open", [{ busyPoll: { microseconds: -1, budget: 64 } }], "ERR_XDP_ARGUMENT"],
    [ready, "open", [{ busyPoll: { microseconds: 20, budget: 65536 } }], "ERR_XDP_ARGUMENT"],
    [ready, "open", [{ zeroCopy: "require", mode: "skb" }], "ERR_XDP_CONFLICT"],
    [ready, "open", [{ mode: "fast" }], "ERR_XDP_ARGUMENT"],
    [ready, "open", [{ busyTimeoutMs: -1 }], "ERR_XDP_ARGUMENT"],
    [ready, "open", [{ signal: AbortSignal.abort("stop") }], "ERR_XDP_ABORTED"],
  ] as const)("%j %s(%j): %s", async (path, verb, args, code) => {
    const stage = walk(path);
    const attempted = (async () => stage[verb]?.(...args))();
    await expect(attempted).rejects.toMatchObject({ code });
    const legal = verb.startsWith("share") ? "umem" : verb;
    if (verb !== "open") expect(await attempt(stage, legal)).toBe("done");
  });

  it.each([
    ["rules", [redirect.all(), { key: 1 }], "ERR_XDP_CONFLICT"],
    ["hints that are none", [redirect.all(), { hints: "all" }], "ERR_XDP_ARGUMENT"],
    ["an option that does not exist", [redirect.all(), { hint: true }], "ERR_XDP_ARGUMENT"],
    ["a mode, which is open's", [redirect.all(), { mode: "skb" }], "ERR_XDP_ARGUMENT"],
    ["by what is none", [redirect.all(), { by: "magic" }], "ERR_XDP_ARGUMENT"],
    ["netlink and a pin", [redirect.all(), { by: "netlink", pin: "/a" }], "ERR_XDP_CONFLICT"],
    ["replace without its link", [redirect.all(), { replace: { id: 1 } }], "ERR_XDP_ARGUMENT"],
    ["options that are none", [redirect.all(), null], "ERR_XDP_ARGUMENT"],
    ["no program", [undefined], "ERR_XDP_RULE"],
    ["an object without bytes", [{ object: "x.o" }], "ERR_XDP_ARGUMENT"],
    [
      "an object and a program",
      [{ object: new Uint8Array(4), program: { id: 1 } }],
      "ERR_XDP_ARGUMENT",
    ],
    ["a program by two ways", [{ program: { id: 1, pin: "/a" } }], "ERR_XDP_ARGUMENT"],
    ["a program by none", [{ program: 7 }], "ERR_XDP_ARGUMENT"],
    ["a map by a relative pin", [{ map: { pin: "a" } }], "ERR_XDP_ARGUMENT"],
    ["a map that would be attached", [{ map: { id: 1 } }, { by: "link" }], "ERR_XDP_CONFLICT"],
    ["a map with hints", [{ map: { id: 1 } }, { hints: true }], "ERR_XDP_CONFLICT"],
    ["a key that is none", [{ map: { id: 1 } }, { key: -1 }], "ERR_XDP_ARGUMENT"],
    ["half a SocketMap", [{ enter: () => undefined, leave: 3 }], "ERR_XDP_ARGUMENT"],
  ] as const)("program: %s", async (_what, args, code) => {
    const stage = walk(["umem", "fill", "completion", "rx"]);
    expect(() => stage.program?.(...args)).toThrow(expect.objectContaining({ code }));
    expect(await attempt(stage, "program")).toBe("done");
  });

  it.each([
    ["a map, and a mode", [{ map: { id: 1 } }], { mode: "drv" }],
    ["an open program, and a mode", [{ enter() {}, leave() {}, id: 1, name: "" }], { mode: "skb" }],
    ["hints, and mode skb", [redirect.all(), { hints: true }], { mode: "skb" }],
    ["hints, and mode hw", [redirect.all(), { hints: true }], { mode: "hw" }],
  ] as const)("open: %s: ERR_XDP_CONFLICT", async (_what, program, options) => {
    const ready = walk(["umem", "fill", "completion", "rx"]).program?.(...program) as Any;
    const conflict = expect.objectContaining({ code: "ERR_XDP_CONFLICT" });
    await expect(ready.open?.(options)).rejects.toEqual(conflict);
    await expect(ready.open?.()).rejects.toThrow("the kernel was touched");
  });

  it.each([
    ["a budget", { frameCount: 64 }, { budget: 32 }],
    ["checksums by the kernel", { frameCount: 64, txMetadata: { softwareChecksum: true } }, {}],
  ])(
    "open: zero copy is required, and %s, which are of copy mode: ERR_XDP_CONFLICT",
    async (_what, umem, tx) => {
      const needsFill = begin().umem?.(umem) as Any;
      const needsCompletion = needsFill.fill?.(64) as Any;
      const needsRings = needsCompletion.completion?.(64) as Any;
      const ready = needsRings.tx?.(64, tx) as Any;
      const conflict = expect.objectContaining({ code: "ERR_XDP_CONFLICT" });
      await expect(ready.open?.({ zeroCopy: "require" })).rejects.toEqual(conflict);
      await expect(ready.open?.()).rejects.toThrow("the kernel was touched");
    },
  );

  it.each(["", "a-name-of-16-byte", "a/b", "a\0b", "a b", 7, null, undefined])(
    "the interface %j: ERR_XDP_NO_DEVICE",
    (name) => {
      expect(() => afxdp(name as string)).toThrow(
        expect.objectContaining({ code: "ERR_XDP_NO_DEVICE" }),
      );
    },
  );

  it.each([65536, 2 ** 31, -1, 0.5, Number.NaN, "0", null])(
    "the queue %j: ERR_XDP_QUEUE_ID",
    (queue) => {
      expect(() => afxdp("veth0", { queue: queue as number })).toThrow(
        expect.objectContaining({ code: "ERR_XDP_QUEUE_ID" }),
      );
    },
  );
});
