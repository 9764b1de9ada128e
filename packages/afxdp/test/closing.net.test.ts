import { traceKernel } from "@afxdp/core";
import { ethernet, footprint } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { createLinuxKernel, type Socket } from "afxdp";
import { expect, it } from "vitest";
import { open } from "./support/open.js";

describeOnKernel("closing", () => {
  const lab = useLab();

  it("goes backwards: detach, leave the map, unload, unmap, close", async () => {
    const calls: string[] = [];
    const kernel = traceKernel(createLinuxKernel(), (line) => calls.push(line.split("(")[0] ?? ""));
    const socket = await open(lab, "both", { kernel, mode: "drv" });
    const opened = calls.splice(0);
    expect(opened.filter((call) => call !== "updateMap")).toEqual([
      ...["interfaceState", "namespaceCookie", "socket", "registerUmem"],
      ...["setRingSize", "setRingSize", "setRingSize", "setRingSize", "mmapOffsets"],
      ...[
        "mapRing",
        "mapRing",
        "mapRing",
        "mapRing",
        "bind", // in zero copy, which veth refuses
        "bind",
        "options",
        "loadProgram",
        "enterXskMap",
      ],
      ...["attachedProgram", "attachProgram"],
    ]);
    await socket.close();
    const [detached, left, ...rest] = calls;
    expect([detached, left]).toEqual(["close", "leaveXskMap"]);
    const unmapped = rest.lastIndexOf("unmapRing");
    expect(rest.filter((call) => call === "unmapRing").length).toBe(4);
    expect(rest.slice(unmapped + 1)).toEqual(["close"]);
    expect(rest.slice(0, rest.indexOf("unmapRing")).every((call) => call === "close")).toBe(true);
  });

  it("is the same promise every time, also by `await using`, and forbids everything but looking", async () => {
    let kept: Socket;
    {
      await using socket = await open(lab, "both");
      kept = socket;
      expect(socket.close()).toBe(socket.close());
    }
    const closed = expect.objectContaining({ code: "ERR_XDP_CLOSED" });
    for (const use of [
      () => kept.allocate(),
      () => kept.free(0),
      () => kept.hold(0),
      () => kept.unhold(0),
      () => kept.transmit(0, 64),
      () => kept.flush(),
      () => kept.send(new Uint8Array(64)),
      () => kept.stats(),
      () => kept.receive(() => undefined),
      () => kept.batches(),
    ]) {
      expect(use).toThrow(closed);
    }
    for (const use of [
      kept.run(() => undefined),
      kept.listen(() => undefined),
      kept.drained(),
      kept.readable(),
    ]) {
      await expect(use).rejects.toEqual(closed);
    }
    expect(kept.frames.total).toBe(512);
    expect(kept.bytes[0]).toBe(0); // the memory stays; only the rings are gone
  });

  it("takes back what is under way, and counts what the kernel keeps", async () => {
    const socket = await open(lab, "both");
    const packet = ethernet({ to: lab.b.mac, from: lab.a.mac });
    for (let i = 0; i < 100; i++) {
      const address = socket.allocate();
      socket.bytes.set(packet, address);
      socket.transmit(address, packet.length);
    }
    const mine = socket.allocate();
    expect(socket.frames).toMatchObject({ transmit: 100, application: 1, fill: 128, free: 283 });
    expect(await socket.close()).toEqual({
      free: 383,
      application: 1,
      fill: 128,
      transmit: 0,
      total: 512,
    });
    expect(mine).toBeGreaterThanOrEqual(0);
  });

  it("an open that is aborted while the queue is busy undoes itself", async () => {
    const holder = await open(lab, "tx");
    const before = footprint();
    const stop = new AbortController();
    const waiting = open(lab, "both", { signal: stop.signal, busyTimeoutMs: 60_000 });
    setTimeout(() => stop.abort(), 50);
    await expect(waiting).rejects.toMatchObject({ code: "ERR_XDP_ABORTED" });
    expect(footprint()).toEqual(before);
    await holder.close();
  });

  it("frees the queue for the next, which waits for it", async () => {
    for (let i = 0; i < 5; i++) await (await open(lab, "both")).close();
    const holder = await open(lab, "both");
    const next = open(lab, "both", { busyTimeoutMs: 5000 });
    setTimeout(() => void holder.close(), 100);
    await (await next).close();
  });
});
