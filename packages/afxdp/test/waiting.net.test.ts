import { createLab, ethernet, type Lab } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import type { RxBatch, Socket } from "afxdp";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { open } from "./support/open.js";

describeOnKernel("waiting", () => {
  let lab: Lab;
  let leave: () => void;
  let sender: Socket;
  let socket: Socket;
  beforeAll(async () => {
    lab = createLab();
    leave = lab.b.enter();
    sender = await open({ ...lab, a: lab.b }, "tx");
    leave();
    leave = lab.a.enter();
  });
  afterAll(async () => {
    await sender.close();
    leave();
    lab.close();
  });
  beforeEach(async () => {
    socket = await open(lab, "both");
  });
  afterEach(async () => {
    await socket.close();
  });
  const send = (count = 1): void => {
    const packet = ethernet({ to: lab.a.mac, from: lab.b.mac });
    for (let i = 0; i < count; i++) sender.send(packet);
  };
  const LOOPS = ["run", "listen", "batches"] as const;
  const start = (how: (typeof LOOPS)[number], signal?: AbortSignal): Promise<unknown> => {
    const options = signal === undefined ? {} : { signal };
    return how === "batches"
      ? socket.batches(options).next()
      : socket[how](() => undefined, options);
  };

  it.each(LOOPS)("%s ends with the reason of an aborted signal", async (how) => {
    const reason = new Error("enough");
    const stop = new AbortController();
    const loop = start(how, stop.signal);
    setTimeout(() => stop.abort(reason), 30);
    await expect(loop).rejects.toMatchObject({ code: "ERR_XDP_ABORTED", cause: reason });
    await expect(start(how, AbortSignal.abort())).rejects.toMatchObject({
      code: "ERR_XDP_ABORTED",
    });
    expect(socket.closed).toBe(false);
  });

  it.each(LOOPS)("%s ends in peace when the socket closes", async (how) => {
    const loop = start(how);
    setTimeout(() => void socket.close(), 30);
    const ended = await loop;
    expect(ended).toEqual(how === "batches" ? { value: undefined, done: true } : undefined);
  });

  it.each(LOOPS)("%s is the only loop at a time, and another may follow", async (how) => {
    const stop = new AbortController();
    const first = start(how, stop.signal);
    for (const other of LOOPS) {
      const second = (async () => start(other))();
      await expect(second).rejects.toMatchObject({ code: "ERR_XDP_STATE", legal: ["close"] });
    }
    expect(() => socket.receive(() => undefined)).toThrow(/already receiving/);
    stop.abort();
    await first.catch(() => undefined);
    send();
    await socket.listen(() => false);
  });

  it.each(["run", "listen"] as const)(
    "%s passes on what the handler throws, frames and all",
    async (how) => {
      send(5);
      const failing = socket[how](() => {
        throw new Error("handler");
      });
      await expect(failing).rejects.toThrow("handler");
      expect(socket.frames).toMatchObject({ application: 0, fill: 128 });
    },
  );

  it.each(["run", "listen"] as const)("%s refuses an async handler", async (how) => {
    send();
    const handler = (async () => {}) as unknown as () => undefined;
    await expect(socket[how](handler)).rejects.toMatchObject({ code: "ERR_XDP_ARGUMENT" });
  });

  it.each(["run", "listen"] as const)("%s bears a handler that closes the socket", async (how) => {
    send(10);
    await socket[how]((batch) => {
      void socket.close();
      expect(batch.packet(0).length).toBe(64);
      expect(() => batch.send(0)).toThrow(expect.objectContaining({ code: "ERR_XDP_CLOSED" }));
      return undefined;
    });
    expect(socket.closed).toBe(true);
  });

  it("an iteration that is left gives its frames back", async () => {
    send(3);
    for await (const batch of socket.batches()) {
      expect(batch.count).toBeGreaterThan(0);
      break;
    }
    expect(socket.frames).toMatchObject({ application: 0, fill: 128 });
  });

  it("an iteration that never waits still lets timers run", async () => {
    let fired = false;
    let batches = 0;
    setTimeout(() => {
      fired = true;
    }, 1);
    const feeding = setInterval(() => send(64), 0);
    for await (const _batch of socket.batches({ batch: 1 })) {
      if (fired || ++batches > 100_000) break;
      if (batches % 32 === 0) send(32);
    }
    clearInterval(feeding);
    expect(fired).toBe(true);
  });

  it("readable tells whether there is something, or that time is up", async () => {
    expect(await socket.readable({ timeoutMs: 10 })).toBe(false);
    setTimeout(send, 20);
    expect(await socket.readable({ timeoutMs: 5000 })).toBe(true);
    const aborted = socket.readable({ signal: AbortSignal.timeout(1), timeoutMs: 5000 });
    send(0);
    await aborted.catch((error) => expect(error).toMatchObject({ code: "ERR_XDP_ABORTED" }));
  });

  it("a batch is over when its handler has returned, and ends at its count", async () => {
    send(2);
    let kept: RxBatch | undefined;
    const refused = expect.objectContaining({ code: "ERR_XDP_ARGUMENT" });
    await socket.listen((batch) => {
      kept = batch;
      for (const use of ["send", "keep", "packet"] as const) {
        for (const i of [batch.count, -1, Number.NaN]) expect(() => batch[use](i)).toThrow(refused);
      }
      expect(() => socket.receive(() => undefined)).toThrow(/already receiving/);
      return false;
    });
    expect(() => kept?.send(0)).toThrow(refused);
    socket.receive(() => {
      expect(() => socket.receive(() => undefined)).toThrow(/already receiving/);
      return undefined;
    });
  });

  it("refuses batches and pauses that cannot be", async () => {
    for (const batch of [0, -1, 129, 1.5, Number.NaN]) {
      const refused = expect.objectContaining({ code: "ERR_XDP_ARGUMENT" });
      await expect(socket.run(() => undefined, { batch })).rejects.toEqual(refused);
      await expect(socket.listen(() => undefined, { batch })).rejects.toEqual(refused);
      expect(() => socket.batches({ batch })).toThrow(refused);
      expect(() => socket.receive(() => undefined, batch)).toThrow(refused);
    }
    for (const options of [{ spin: -1 }, { spin: 0.5 }, { waitMs: 101 }, { waitMs: -1 }]) {
      const loop = socket.run(() => undefined, options);
      await expect(loop).rejects.toMatchObject({ code: "ERR_XDP_ARGUMENT" });
    }
  });
});
