import { afxdp, type Kernel, redirect, type XdpOrderError } from "afxdp";
import { describe, expect, it } from "vitest";

/** Every builder call with a good value, as plain JavaScript can make it at any time. */
type Any = Record<string, (...args: unknown[]) => unknown>;
const ARGUMENTS: Record<string, unknown[]> = {
  umem: [{ frameCount: 64 }],
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
  [[], ["umem"]],
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
    [["umem"], "fill", [128], "ERR_XDP_UMEM_SIZE"],
    ...[0, 3, -1, 1.5, Number.NaN, 2 ** 31, 2 ** 17, "64", undefined].map(
      (size) => [["umem"], "fill", [size], "ERR_XDP_RING_SIZE"] as const,
    ),
    [["umem", "fill"], "completion", [0], "ERR_XDP_RING_SIZE"],
    [["umem", "fill", "completion"], "rx", [100], "ERR_XDP_RING_SIZE"],
    [["umem", "fill", "completion"], "tx", [100], "ERR_XDP_RING_SIZE"],
    [["umem", "fill", "completion", "rx"], "program", [{ port: 9000 }], "ERR_XDP_RULE"],
    [ready, "open", [{ mode: "fast" }], "ERR_XDP_ARGUMENT"],
    [ready, "open", [{ busyTimeoutMs: -1 }], "ERR_XDP_ARGUMENT"],
    [ready, "open", [{ signal: AbortSignal.abort("stop") }], "ERR_XDP_ABORTED"],
  ] as const)("%j %s(%j): %s", async (path, verb, args, code) => {
    const stage = walk(path);
    const attempted = (async () => stage[verb]?.(...args))();
    await expect(attempted).rejects.toMatchObject({ code });
    if (verb !== "open") expect(await attempt(stage, verb)).toBe("done");
  });

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
