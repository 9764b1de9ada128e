import { EXPERIMENTAL, ethernet } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { redirect, type Socket } from "afxdp";
import { expect, it } from "vitest";
import { open } from "./support/open.js";

describeOnKernel("a socket with one ring", () => {
  const lab = useLab();

  /** Opens the opposite socket on the lab's device `b`. */
  async function openOnB(rings: "rx" | "tx"): Promise<Socket> {
    const leaveB = lab.b.enter();
    try {
      const rules = redirect.etherType(EXPERIMENTAL);
      return await open({ ...lab, a: lab.b }, rings, { rules });
    } finally {
      leaveB();
    }
  }

  it("sends, and one receives, each packet whole and in order, in more packets than there are frames", async () => {
    const sender = await open(lab, "tx");
    const receiver = await openOnB("rx");
    const COUNT = 2000;
    let received = 0;
    let sent = 0;
    const takeAll = (): void => {
      while (
        receiver.receive((batch) => {
          for (let i = 0; i < batch.count; i++, received++) {
            const packet = batch.packet(i);
            expect(packet.length).toBe(64 + (received % 1000));
            expect(packet[20]).toBe(received & 0xff);
            expect(packet.at(-1)).toBe(received & 0xff);
          }
        }) > 0
      );
    };
    for (; sent < COUNT; sent++) {
      const length = 64 + (sent % 1000);
      const packet = ethernet({ to: lab.b.mac, from: lab.a.mac, length, payload: sent & 0xff });
      expect(sender.send(packet)).toBe(true);
      if (sent % 64 === 63) takeAll();
    }
    expect(await sender.drained({ timeoutMs: 5000 })).toBe(true);
    while (received < COUNT && (await receiver.readable({ timeoutMs: 5000 }))) takeAll();
    expect(received).toBe(COUNT);
    expect(sender.stats()).toMatchObject({ txQueued: COUNT, txPackets: COUNT, rxPackets: 0 });
    expect(await sender.close()).toMatchObject({ free: 512 });
    expect(await receiver.close()).toMatchObject({ application: 0, transmit: 0 });
  });

  it("has the mode none without a program, and refuses what it has no ring for", async () => {
    const sender = await open(lab, "tx");
    expect(sender.mode).toEqual({
      xdp: "none",
      zeroCopy: false,
      copyReason: "EOPNOTSUPP",
      multiBuffer: false,
    });
    const noRx = expect.objectContaining({ code: "ERR_XDP_STATE" });
    expect(() => sender.receive(() => undefined)).toThrow(noRx);
    expect(() => sender.batches()).toThrow(noRx);
    await expect(sender.run(() => undefined)).rejects.toEqual(noRx);
    await expect(sender.readable()).rejects.toEqual(noRx);
    await sender.close();
    const receiver = await open(lab, "rx");
    expect(() => receiver.transmit(receiver.allocate(), 64)).toThrow(noRx);
    expect(receiver.flush()).toBe(0);
    await receiver.close();
  });
});
