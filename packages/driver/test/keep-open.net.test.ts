import { XdpError } from "@afxdp/core";
import {
  beginSetup,
  type KeepOpenOptions,
  keepOpen,
  type OpenSocket,
  type SocketKeeper,
  XdpSocket,
} from "@afxdp/driver";
import { createLinuxKernel } from "@afxdp/native";
import { createLab, footprint, type Lab } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { afterEach, beforeEach, expect, it } from "vitest";

describeOnKernel("keepOpen", () => {
  const kernel = createLinuxKernel();
  let lab: Lab;
  let leave: () => void;
  let log: string[];
  let keeper: SocketKeeper<XdpSocket> | undefined;
  beforeEach(async () => {
    lab = createLab();
    leave = lab.a.enter();
    // A link is up somewhat later than its two ends.
    await expect.poll(() => kernel.interfaceState("va").running, { timeout: 20_000 }).toBe(true);
    log = [];
    keeper = undefined;
  });
  afterEach(async () => {
    await keeper?.close().catch(() => undefined);
    leave();
    lab.close();
  });
  const ip = (...args: string[]): string => lab.a.run("ip", ...args);
  const remove = (): string => ip("link", "delete", "dev", "va");
  const makeAnew = (): void => {
    ip("link", "add", "name", "va", "type", "veth", "peer", "name", "vb", "netns", lab.b.namespace);
    lab.b.run("ip", "link", "set", "dev", "vb", "up");
    ip("link", "set", "dev", "va", "up");
  };
  const open = async (): Promise<XdpSocket> => {
    const bound = await beginSetup(kernel, "va", 0)
      .socket()
      .umem({ frameCount: 64 })
      .fill(64)
      .completion(64)
      .rx(64)
      .map()
      .prefill()
      .bind();
    return new XdpSocket(bound.mode());
  };
  type Options = Partial<KeepOpenOptions<XdpSocket>>;
  const options = (more: Options = {}): KeepOpenOptions<XdpSocket> => ({
    onOpen: ({ target }) => void log.push(`open ${target.interfaceIndex}`),
    onLinkDown: () => log.push("down"),
    onLinkUp: () => log.push("up"),
    onDeviceGone: ({ closed }) => log.push(`gone ${closed ? "closed" : "open"}`),
    onError: (error) => log.push(`error ${(error as Error).message}`),
    ...more,
  });
  const keep = async (
    more?: Options,
    how: OpenSocket<XdpSocket> = open,
  ): Promise<SocketKeeper<XdpSocket>> => {
    keeper = await keepOpen(kernel, how, options(more));
    return keeper;
  };
  const until = (...expected: string[]): Promise<void> =>
    expect.poll(() => log, { timeout: 20_000 }).toEqual(expected);
  const indexOf = (): number => kernel.interfaceState("va").index;

  it("opens a socket anew when its device is removed and made again", async () => {
    const before = footprint();
    const kept = await keep();
    const first = kept.socket;
    const old = indexOf();
    remove();
    await until(`open ${old}`, "down", "gone open");
    await expect.poll(() => first?.closed).toBe(true);
    expect(kept.socket).toBeUndefined();
    makeAnew();
    await until(`open ${old}`, "down", "gone open", `open ${indexOf()}`);
    expect(kept.socket).toMatchObject({ closed: false, target: { interfaceIndex: indexOf() } });
    await kept.close();
    await kept.ended;
    expect(kept.socket).toBeUndefined();
    expect(footprint()).toEqual(before);
  });

  it("opens anew when its device was moved to another namespace and is back and up", async () => {
    await keep();
    const index = indexOf();
    ip("link", "set", "dev", "va", "netns", lab.b.namespace);
    await until(`open ${index}`, "down", "gone open");
    lab.b.run("ip", "link", "set", "dev", "va", "netns", lab.a.namespace);
    ip("link", "set", "dev", "va", "up");
    await until(`open ${index}`, "down", "gone open", `open ${indexOf()}`);
  });

  it("keeps the socket when the link goes down and up", async () => {
    const kept = await keep();
    const { socket } = kept;
    lab.b.run("ip", "link", "set", "dev", "vb", "down");
    await until(`open ${indexOf()}`, "down");
    lab.b.run("ip", "link", "set", "dev", "vb", "up");
    await until(`open ${indexOf()}`, "down", "up");
    expect(kept.socket).toBe(socket);
    expect(socket?.closed).toBe(false);
  });

  it("waits with opening until the link is up", async () => {
    await keep();
    const old = indexOf();
    remove();
    await until(`open ${old}`, "down", "gone open");
    ip("link", "add", "name", "va", "type", "veth", "peer", "name", "vb", "netns", lab.b.namespace);
    lab.b.run("ip", "link", "set", "dev", "vb", "up");
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(log).toHaveLength(3);
    ip("link", "set", "dev", "va", "up");
    await until(`open ${old}`, "down", "gone open", `open ${indexOf()}`);
  });

  it("ends when the device is gone and is not to be waited for", async () => {
    const before = footprint();
    const kept = await keep({ reopen: "never" });
    remove();
    await kept.ended;
    expect(log.at(-1)).toBe("gone open");
    expect(footprint()).toEqual(before);
  });

  it("tries again after a pause, and ends with the last error when attempts are used up", async () => {
    const before = footprint();
    let attempts = 0;
    const failing = (): Promise<XdpSocket> => {
      if (attempts++ === 0) return open();
      return Promise.reject(new Error(`attempt ${attempts - 1}`));
    };
    const kept = await keep({ maxAttempts: 3, backOffMs: 1 }, failing);
    remove();
    makeAnew();
    await expect(kept.ended).rejects.toThrow("attempt 3");
    await expect(kept.close()).rejects.toThrow("attempt 3");
    expect(log.slice(-3)).toEqual(["error attempt 1", "error attempt 2", "error attempt 3"]);
    expect(attempts).toBe(4);
    expect(footprint()).toEqual(before);
  });

  it("takes a receiving loop's end with the device for what is expected", async () => {
    const loops: string[] = [];
    const kept = await keep({
      onOpen: async (socket) => {
        loops.push("begins");
        await socket.listen(() => undefined).finally(() => loops.push("ends"));
      },
    });
    remove();
    await expect.poll(() => loops, { timeout: 20_000 }).toEqual(["begins", "ends"]);
    makeAnew();
    await expect.poll(() => loops, { timeout: 20_000 }).toEqual(["begins", "ends", "begins"]);
    await kept.close();
    expect(loops).toHaveLength(4);
  });

  it("believes a socket that says that its device is gone, also when no event told it", async () => {
    const index = indexOf();
    await keep({
      onOpen: async () => {
        log.push("open");
        if (log.length === 1) throw new XdpError("ERR_XDP_DEVICE_GONE", "gone");
      },
    });
    await until("open", "gone open", "open");
    expect(indexOf()).toBe(index);
  });

  it("ends, and closes the socket, with what a callback throws", async () => {
    const before = footprint();
    const error = new Error("a handler's");
    const kept = await keep({ onOpen: () => Promise.reject(error) });
    await expect(kept.ended).rejects.toBe(error);
    const throwing = await keep({
      onLinkDown: () => {
        throw error;
      },
    });
    ip("link", "set", "dev", "va", "down");
    await expect(throwing.ended).rejects.toBe(error);
    ip("link", "set", "dev", "va", "up");
    const gone = await keep({
      onDeviceGone: () => {
        throw error;
      },
    });
    remove();
    await expect(gone.ended).rejects.toBe(error);
    expect(gone.socket).toBeUndefined();
    expect(footprint()).toEqual(before);
  });

  it("is closed by its signal: while it is open, while it waits, and while it opens", async () => {
    const before = footprint();
    const whileOpen = new AbortController();
    const kept = await keep({ signal: whileOpen.signal });
    whileOpen.abort();
    await kept.ended;
    const whileWaiting = new AbortController();
    const waiting = await keep({ signal: whileWaiting.signal });
    remove();
    await expect.poll(() => log.at(-1), { timeout: 20_000 }).toBe("gone open");
    whileWaiting.abort();
    await waiting.ended;
    makeAnew();
    const whileOpening = new AbortController();
    const opening = keepOpen(
      kernel,
      async (signal) => {
        const socket = await open();
        whileOpening.abort();
        expect(signal.aborted).toBe(true);
        return socket;
      },
      options({ signal: whileOpening.signal }),
    );
    await expect(opening).rejects.toMatchObject({ code: "ERR_XDP_ABORTED" });
    expect(footprint()).toEqual(before);
  });

  it("closes a socket that comes from opening after it was closed", async () => {
    const before = footprint();
    let opened = 0;
    const kept = await keep({}, async (signal) => {
      if (opened++ > 0) {
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      }
      return open();
    });
    remove();
    makeAnew();
    await expect.poll(() => opened, { timeout: 20_000 }).toBe(2);
    await kept.close();
    expect(log.filter((line) => line.startsWith("open"))).toHaveLength(1);
    expect(footprint()).toEqual(before);
  });

  it("notices a device that went before it could be watched", async () => {
    const old = indexOf();
    await keep({}, async () => {
      const socket = await open();
      if (log.length === 0 && indexOf() === old) {
        remove();
        makeAnew();
      }
      return socket;
    });
    await until(`open ${old}`, "gone open", `open ${indexOf()}`);
  });

  it("passes on what the first opening throws", async () => {
    const before = footprint();
    const error = new XdpError("ERR_XDP_QUEUE_BUSY", "in use");
    await expect(keep({}, () => Promise.reject(error))).rejects.toBe(error);
    expect(footprint()).toEqual(before);
  });

  it("refuses what is no socket", async () => {
    for (const wrong of [
      undefined,
      {},
      { close: () => undefined, target: { interfaceName: "va" } },
    ]) {
      const kept = keep({}, () => Promise.resolve(wrong as never));
      await expect(kept).rejects.toMatchObject({ code: "ERR_XDP_ARGUMENT" });
    }
  });

  it("refuses options that are none, before it opens anything", async () => {
    const bad = async (given: unknown, how: unknown = open): Promise<void> => {
      const call = keepOpen as (...args: unknown[]) => Promise<unknown>;
      await expect(call(kernel, how, given)).rejects.toMatchObject({ code: "ERR_XDP_ARGUMENT" });
    };
    const before = footprint();
    await bad(options(), "open");
    await bad(undefined);
    await bad({});
    for (const wrong of [
      { onClose: () => undefined },
      { onLinkUp: 1 },
      { reopen: "always" },
      { maxAttempts: 0 },
      { maxAttempts: 1.5 },
      { backOffMs: -1 },
      { signal: {} },
    ]) {
      await bad({ ...options(), ...wrong });
    }
    const aborted = keep({ signal: AbortSignal.abort() });
    await expect(aborted).rejects.toMatchObject({ code: "ERR_XDP_ABORTED" });
    expect(footprint()).toEqual(before);
  });
});
