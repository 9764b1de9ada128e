import { beginSetup, XdpSocket } from "@afxdp/driver";
import { createLab, type Lab } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { Umem } from "@afxdp/umem";
import { afxdp, createLinuxKernel, type Socket } from "afxdp";
import { afterAll, beforeAll, expect, it } from "vitest";
import { open } from "./support/open.js";

const argument = expect.objectContaining({ code: "ERR_XDP_ARGUMENT" });
const timers = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;

describeOnKernel("options that mean nothing are refused before anything happens", () => {
  let lab: Lab;
  let leave: () => void;
  let socket: Socket;
  beforeAll(async () => {
    lab = createLab();
    leave = lab.a.enter();
    socket = await open(lab, "both");
  });
  afterAll(async () => {
    await socket.close();
    leave();
    lab.close();
  });
  const any = (value: unknown): never => value as never;

  it.each([{}, "no", 7, null])(
    "the signal %j, in every wait, and no timer is left",
    async (value) => {
      const signal = any(value);
      const before = timers();
      for (const wait of [
        () => socket.readable({ signal, timeoutMs: 10 }),
        () => socket.readable({ signal }),
        () => socket.drained({ signal }),
        () => socket.run(() => undefined, { signal }),
        () => socket.listen(() => undefined, { signal }),
        async () => socket.batches({ signal }),
        () => open(lab, "both", { signal }),
      ]) {
        await expect(wait()).rejects.toEqual(argument);
      }
      expect(timers()).toBe(before);
    },
  );

  it.each([-1, Number.NaN, 2 ** 31, Number.POSITIVE_INFINITY, "50", null])(
    "the timeout %s",
    async (value) => {
      await expect(socket.readable({ timeoutMs: any(value) })).rejects.toEqual(argument);
      await expect(socket.drained({ timeoutMs: any(value) })).rejects.toEqual(argument);
      await expect(open(lab, "both", { busyTimeoutMs: any(value) })).rejects.toEqual(argument);
    },
  );

  it("a handler that is none, options that are none, a packet that is none", async () => {
    for (const handler of [undefined, null, {}, "handler"].map(any)) {
      await expect(socket.run(handler)).rejects.toEqual(argument);
      await expect(socket.listen(handler)).rejects.toEqual(argument);
      expect(() => socket.receive(handler)).toThrow(argument);
    }
    expect(() => afxdp("lo", any(null))).toThrow(argument);
    expect(() => afxdp("lo").umem(any(null))).toThrow(argument);
    const ready = afxdp("lo").umem({ frameCount: 64 }).fill(64).completion(64).tx(64);
    await expect(ready.open(any(null))).rejects.toEqual(argument);
    for (const packet of ["x".repeat(60), new Uint16Array(60), [1, 2], null]) {
      expect(() => socket.send(any(packet))).toThrow(argument);
    }
    expect(socket.receive(() => undefined)).toBe(0); // nobody claims the socket
  });

  it("an option that does not exist, which would be a misspelt one", async () => {
    expect(() => afxdp("lo", any({ que: 3 }))).toThrow(/no option "que"/);
    expect(() => afxdp("lo").umem(any({ frameCount: 64, framesize: 4096 }))).toThrow(argument);
    expect(() => afxdp("lo", { kernel: any({}) })).toThrow(argument);
    const ready = () => afxdp("lo").umem({ frameCount: 64 }).fill(64).completion(64).tx(64);
    await expect(ready().open(any({ mod: "skb" }))).rejects.toEqual(argument);
    await expect(socket.run(() => undefined, any({ spins: 1 }))).rejects.toEqual(argument);
    await expect(socket.listen(() => undefined, any({ spin: 1 }))).rejects.toEqual(argument);
    await expect(socket.readable(any({ timeout: 1 }))).rejects.toEqual(argument);
    await expect(socket.drained(any({ timeout: 1 }))).rejects.toEqual(argument);
    expect(() => socket.batches(any({ size: 1 }))).toThrow(argument);
  });

  it("an address of no frame is called so, whatever the length", () => {
    for (const address of [-1, 2 ** 32, 0.5, Number.NaN]) {
      const foreign = expect.objectContaining({ code: "ERR_XDP_FOREIGN_FRAME" });
      expect(() => socket.transmit(address, 60)).toThrow(foreign);
      expect(() => socket.transmit(address, 0)).toThrow(foreign);
    }
  });

  it("a UMEM of another set-up, and a second socket on one", async () => {
    const kernel = createLinuxKernel();
    const umem = new Umem({ frameCount: 64 });
    const begun = beginSetup(kernel, "lo", 0).socket();
    const ready = (
      await begun.umem(umem).fill(64).completion(64).tx(64).map().prefill().bind()
    ).mode();
    const first = new XdpSocket(ready);
    expect(() => new XdpSocket(ready)).toThrow(expect.objectContaining({ code: "ERR_XDP_STATE" }));
    await first.close();
    const again = beginSetup(kernel, "lo", 0).socket();
    expect(() => again.umem(umem)).toThrow(argument);
    await again.close();
  });
});
