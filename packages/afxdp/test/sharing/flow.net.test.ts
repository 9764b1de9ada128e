import type { XdpSocket } from "@afxdp/driver";
import { createLinuxKernel } from "@afxdp/native";
import { footprint } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MODES, receiveCopies } from "../support/driver-socket.js";
import { Bed, marked } from "./bed.js";

const COUNT = 200;

interface Packet {
  readonly by: XdpSocket;
  readonly to: XdpSocket;
  readonly bytes: Uint8Array;
}

/** Sends packets one by one, each of which its receiver must get whole. */
async function exchange(packets: readonly Packet[]): Promise<void> {
  for (const { by, to, bytes } of packets) {
    expect(by.send(bytes)).toBe(true);
    expect(await receiveCopies(to, 1)).toEqual([bytes]);
  }
}

describeOnKernel("packets of sockets that share a UMEM", () => {
  const lab = useLab({ queues: 3, ipv6: false });

  describe.each(MODES)("in %s mode", (mode) => {
    let bed: Bed;
    let before: ReturnType<typeof footprint>;
    let first: XdpSocket;
    let peer: XdpSocket;
    beforeEach(async () => {
      before = footprint();
      bed = new Bed(createLinuxKernel(), mode);
      first = await bed.open({ host: lab.a, mark: 0 });
      peer = await bed.open({ host: lab.b, mark: 0 });
    });
    afterEach(async () => {
      for (const { umem } of [first, peer]) expect(umem.audit()).toBe(true);
      await bed.close();
      for (const { frames } of [first, peer]) {
        expect(frames).toMatchObject({ application: 0, transmit: 0, total: 256 });
      }
      expect(footprint()).toEqual(before);
    });

    it("go to the right one of two on the same queue, and from both", async () => {
      const second = await bed.open({ host: lab.a, queueOf: first, mark: 1 });
      const to = [first, second];
      await exchange(
        Array.from({ length: COUNT }, (_, i) => ({
          by: peer,
          to: to[i % 2] as XdpSocket,
          bytes: marked(lab.a, lab.b, i % 2, 60 + i, i),
        })),
      );
      await exchange(
        Array.from({ length: COUNT }, (_, i) => ({
          by: to[i % 2] as XdpSocket,
          to: peer,
          bytes: marked(lab.b, lab.a, 0, 60 + i, i),
        })),
      );
      for (const socket of to) expect(await socket.drained({ timeoutMs: 2000 })).toBe(true);
      const { fill, transmit } = first.frames;
      expect({ fill, transmit }).toEqual({ fill: 64, transmit: 0 });
      expect(first.stats().rxPackets + second.stats().rxPackets).toBe(COUNT);
      expect(first.stats().rxInvalid + second.stats().rxInvalid).toBe(0);
    });

    it("go to the right one of two on two queues, and from both", async () => {
      // Without NAPI veth leaves an outgoing packet's queue where an incoming one's is kept, higher by one: what is sent
      // from queue 2 arrives on queue 1, and from queue 1 on 0.
      const drv = mode === "drv";
      const second = await bed.open({ host: lab.a, queue: 1, umemOf: first, mark: 1 });
      const peerSecond = await bed.open({
        host: lab.b,
        queue: drv ? 1 : 2,
        umemOf: peer,
        mark: 1,
      });
      const ours = [first, second];
      const theirs = [peer, peerSecond];
      await exchange(
        Array.from({ length: COUNT }, (_, i) => ({
          by: theirs[i % 2] as XdpSocket,
          to: ours[i % 2] as XdpSocket,
          bytes: marked(lab.a, lab.b, i % 2, 60 + i, i),
        })),
      );
      await exchange(
        Array.from({ length: COUNT }, (_, i) => ({
          by: ours[i % 2] as XdpSocket,
          to: theirs[drv ? i % 2 : 0] as XdpSocket,
          bytes: marked(lab.b, lab.a, drv ? i % 2 : 0, 60 + i, i),
        })),
      );
      expect(first.frames).toMatchObject({ fill: 128, transmit: 0 });
      expect([first, second].map((socket) => socket.stats().rxPackets)).toEqual([100, 100]);
    });

    it("go on as before when a sharer has closed", async () => {
      const second = await bed.open({ host: lab.a, queueOf: first, mark: 1 });
      const third = await bed.open({ host: lab.a, queue: 1, umemOf: first, mark: 2 });
      await exchange([{ by: peer, to: second, bytes: marked(lab.a, lab.b, 1, 100) }]);
      await second.close();
      await third.close();
      expect(first.frames).toMatchObject({ fill: 64, application: 0, transmit: 0 });
      await exchange(
        Array.from({ length: COUNT }, (_, i) => ({
          by: peer,
          to: first,
          bytes: marked(lab.a, lab.b, 0, 60 + i, i),
        })),
      );
      expect(first.umem.audit()).toBe(true);
    });
  });

  it("are sent and received without need-wakeup as well", async () => {
    const before = footprint();
    const bed = new Bed(createLinuxKernel(), "drv");
    const bind = { needWakeup: false, zeroCopy: "never" } as const;
    const one = await bed.open({ host: lab.a, mark: 0, bind });
    const other = await bed.open({ host: lab.b, mark: 0, bind });
    await exchange(
      Array.from({ length: COUNT }, (_, i) => ({
        by: i % 2 === 0 ? one : other,
        to: i % 2 === 0 ? other : one,
        bytes: marked(lab.a, lab.b, 0, 60 + i, i),
      })),
    );
    await bed.close();
    expect(footprint()).toEqual(before);
  });
});
