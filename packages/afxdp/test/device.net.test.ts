import { createLab, ethernet, footprint, type Lab } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { afterEach, beforeEach, expect, it } from "vitest";
import { open } from "./support/open.js";

describeOnKernel("a device that changes under an open socket", () => {
  let lab: Lab;
  let leave: () => void;
  beforeEach(() => {
    lab = createLab();
    leave = lab.a.enter();
  });
  afterEach(() => {
    leave();
    lab.close();
  });

  const remove = (): string => lab.a.run("ip", "link", "del", lab.a.device);

  it.each(["run", "listen", "batches", "readable", "drained"] as const)(
    "when it is removed %s ends with ERR_XDP_DEVICE_GONE and close is clean",
    async (how) => {
      const before = footprint();
      const socket = await open(lab, "both");
      if (how === "drained") {
        // A frame that cannot go: only the device's end ends the wait.
        lab.a.run("ip", "link", "set", lab.a.device, "down");
        socket.send(new Uint8Array(64));
      }
      const waiting =
        how === "batches"
          ? socket.batches().next()
          : how === "readable" || how === "drained"
            ? socket[how]()
            : socket[how](() => undefined);
      setTimeout(remove, 30);
      await expect(waiting).rejects.toMatchObject({
        code: "ERR_XDP_DEVICE_GONE",
        errnoName: "ENXIO",
      });
      const { total, free, fill, transmit } = await socket.close();
      expect(free + fill + transmit).toBe(total);
      expect(footprint()).toEqual(before);
    },
  );

  it("when it is removed a loop that only spins notices, too", async () => {
    const socket = await open(lab, "rx");
    setTimeout(remove, 30);
    const spinning = socket.run(() => undefined, { waitMs: 0 });
    await expect(spinning).rejects.toMatchObject({ code: "ERR_XDP_DEVICE_GONE" });
    await socket.close();
  });

  it("when it is moved to another namespace the socket says that it is gone", async () => {
    const socket = await open(lab, "both");
    lab.a.run("ip", "link", "set", lab.a.device, "netns", lab.b.namespace);
    await expect(socket.listen(() => undefined)).rejects.toMatchObject({
      code: "ERR_XDP_DEVICE_GONE",
    });
    expect(() => {
      socket.send(ethernet({ to: lab.b.mac, from: lab.a.mac }));
    }).toThrow(expect.objectContaining({ code: "ERR_XDP_DEVICE_GONE" }));
    await socket.close();
  });

  it("when its link goes down, sending waits and goes on when it is up again", async () => {
    const socket = await open(lab, "both");
    lab.a.run("ip", "link", "set", lab.a.device, "down");
    for (let i = 0; i < 5; i++) socket.send(ethernet({ to: lab.b.mac, from: lab.a.mac }));
    expect(socket.flush()).toBe(5);
    expect(socket.stats()).toMatchObject({ txPackets: 0, frames: { transmit: 5 } });
    expect(socket.stats().linkDown).toBeGreaterThan(0);
    expect(await socket.drained({ timeoutMs: 20 })).toBe(false);
    lab.a.run("ip", "link", "set", lab.a.device, "up");
    expect(await socket.drained({ timeoutMs: 5000 })).toBe(true);
    expect(socket.stats()).toMatchObject({ txPackets: 5, frames: { transmit: 0 } });
    await socket.close();
  });

  it("when its link is down for good, close does not wait for it", async () => {
    const socket = await open(lab, "both");
    lab.a.run("ip", "link", "set", lab.a.device, "down");
    socket.send(ethernet({ to: lab.b.mac, from: lab.a.mac }));
    expect(await socket.close()).toMatchObject({ transmit: 1, application: 0 });
  });
});
