import { ERRNO, XDP_PKT_CONTD } from "@afxdp/core";
import type { RxBatch, XdpSocket } from "@afxdp/driver";
import { describe, expect, it } from "vitest";
import { openPlayed, type PlayedSocket } from "../support/open-played.js";
import { deliver, type SentDescriptor, sendAll, takeFilled } from "../support/played-kernel.mjs";

/** Two sockets on one UMEM, on two queues; what each sends is noted by its descriptor. */
async function openTwo(
  bind = {},
  frameCount = 64,
): Promise<{ a: PlayedSocket; b: PlayedSocket; sent: Map<PlayedSocket, SentDescriptor[]> }> {
  const a = await openPlayed({ bind, umem: { frameCount } });
  const b = await openPlayed({ played: a.played, share: a.socket, queue: 1 });
  const sent = new Map([a, b].map((socket) => [socket, [] as SentDescriptor[]]));
  a.played.onKick = (fd) => {
    const rings = a.played.sockets.get(fd);
    const socket = [a, b].find((one) => one.rings === rings);
    if (socket !== undefined) sent.get(socket)?.push(...sendAll(socket.rings));
  };
  return { a, b, sent };
}

function packets({ rings }: PlayedSocket, count: number): number[] {
  const addresses = takeFilled(rings, count).map((frame) => frame + 256);
  deliver(
    rings,
    addresses.map((address, i) => [address, 100 + i]),
  );
  return addresses;
}

async function closeBoth(a: PlayedSocket, b: PlayedSocket): Promise<void> {
  expect(a.socket.umem.audit()).toBe(true);
  await b.socket.close();
  await a.socket.close();
  expect(a.socket.frames).toMatchObject({ application: 0, transmit: 0 });
  expect(a.socket.umem.audit()).toBe(true);
}

const each = (handler: (batch: RxBatch, i: number) => void) => (batch: RxBatch) => {
  for (let i = 0; i < batch.count; i++) handler(batch, i);
};

describe("forwarding to another socket on the UMEM", () => {
  it("hands the frame over, kicks once per batch, and has it free for both when it is sent", async () => {
    const { a, b, sent } = await openTwo();
    const addresses = packets(a, 5);
    const before = a.played.kicks;
    a.socket.receive(
      each((batch, i) => {
        expect(batch.forward(i, b.socket)).toBe(true);
        expect(a.socket.umem.stateOf(batch.address(i))).toBe("transmit");
      }),
    );
    expect(a.played.kicks).toBe(before + 1);
    expect(sent.get(b)).toEqual(
      addresses.map((address, i) => ({ address, length: 100 + i, options: 0 })),
    );
    expect(sent.get(a)).toEqual([]);
    expect(b.socket.stats()).toMatchObject({ txQueued: 5, txPackets: 5 });
    expect(a.socket.frames).toMatchObject({ application: 0, transmit: 0, fill: 64 });
    await closeBoth(a, b);
  });

  it("hands over a packet in several frames as the chain that it is", async () => {
    const { a, b, sent } = await openTwo({ multiBuffer: true });
    const [one = 0, two = 0] = takeFilled(a.rings, 2);
    deliver(a.rings, [
      [one + 256, 1792, XDP_PKT_CONTD],
      [two + 256, 300],
    ]);
    a.socket.receive(each((batch, i) => expect(batch.forward(i, b.socket, 2000)).toBe(true)));
    expect(sent.get(b)).toEqual([
      { address: one + 256, length: 1792, options: XDP_PKT_CONTD },
      { address: two + 256, length: 208, options: 0 },
    ]);
    expect(b.socket.stats()).toMatchObject({ txQueued: 1, txPackets: 1 });
    await closeBoth(a, b);
  });

  it("answers no when the other's tx ring is full: the frame is still lent", async () => {
    const { a, b } = await openTwo({}, 128);
    // The kernel takes nothing, so that the ring fills.
    a.played.onKick = () => undefined;
    const answers: boolean[] = [];
    for (let round = 0; round < 3; round++) {
      packets(a, 16);
      a.socket.receive(each((batch, i) => answers.push(batch.forward(i, b.socket))));
    }
    expect(answers.filter((answer) => answer).length).toBe(32);
    expect(answers.slice(32)).toEqual(Array(16).fill(false));
    expect(a.socket.frames).toMatchObject({ application: 0, transmit: 32 });
    a.played.onKick = (fd) => {
      for (const one of [a, b]) if (a.played.sockets.get(fd) === one.rings) sendAll(one.rings);
    };
    // Nothing comes here any more; the upkeep of this socket sees to what it forwarded.
    a.socket.flush();
    expect(a.socket.frames).toMatchObject({ transmit: 0, fill: 64 });
    await closeBoth(a, b);
  });

  it("is refused to a socket on another UMEM, to a closed one, and to what is none", async () => {
    const { a, b } = await openTwo();
    const other = await openPlayed({});
    const met: unknown[] = [];
    const attempt = (batch: RxBatch, to: unknown): void => {
      try {
        batch.forward(0, to as XdpSocket);
      } catch (error) {
        met.push((error as { code?: string }).code);
      }
    };
    packets(a, 1);
    a.socket.receive((batch) => {
      for (const to of [other.socket, undefined, {}, a]) attempt(batch, to);
      expect(a.socket.umem.isLent(batch.address(0))).toBe(true);
    });
    expect(met).toEqual([
      "ERR_XDP_FOREIGN_FRAME",
      "ERR_XDP_ARGUMENT",
      "ERR_XDP_ARGUMENT",
      "ERR_XDP_ARGUMENT",
    ]);
    await b.socket.close();
    packets(a, 1);
    a.socket.receive((batch) => attempt(batch, b.socket));
    expect(met.at(-1)).toBe("ERR_XDP_CLOSED");
    await other.socket.close();
    await a.socket.close();
  });

  it("goes on when the other socket was closed, and both ways between two", async () => {
    const { a, b, sent } = await openTwo();
    for (let round = 0; round < 3; round++) {
      packets(a, 4);
      packets(b, 4);
      a.socket.receive(each((batch, i) => batch.forward(i, b.socket)));
      b.socket.receive(each((batch, i) => batch.forward(i, a.socket)));
    }
    expect(sent.get(a)?.length).toBe(12);
    expect(sent.get(b)?.length).toBe(12);
    await b.socket.close();
    packets(a, 4);
    a.socket.receive(each((batch, i) => batch.send(i)));
    expect(sent.get(a)?.length).toBe(16);
    await a.socket.close();
    expect(a.socket.umem.audit()).toBe(true);
  });

  it("goes to one socket though the device of another is gone, whichever comes first", async () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const { a, b, sent } = await openTwo();
      const c = await openPlayed({ played: a.played, share: a.socket, queue: 2 });
      const { kickTx } = a.played.kernel;
      const toC: SentDescriptor[] = [];
      a.played.onKick = (fd) => {
        if (a.played.sockets.get(fd) === c.rings) toC.push(...sendAll(c.rings));
      };
      const isGone = (fd: number): boolean => a.played.sockets.get(fd) === b.rings;
      a.played.kernel.kickTx = (fd, times) => (isGone(fd) ? -ERRNO.ENXIO : kickTx(fd, times));
      packets(a, 3);
      const targets = order.map((at) => [b, c][at] as PlayedSocket);
      const receive = (): unknown =>
        a.socket.receive((batch) => {
          targets.forEach((to, i) => {
            batch.forward(i, to.socket);
          });
        });
      expect(receive).toThrow(expect.objectContaining({ code: "ERR_XDP_DEVICE_GONE" }));
      expect(toC.length).toBe(1);
      expect(sent.get(b)).toEqual([]);
      // The third packet, which nobody took, is with the kernel again.
      expect(a.socket.frames).toMatchObject({ application: 0, transmit: 1 });
      expect(a.socket.umem.audit()).toBe(true);
      for (const { socket } of [c, b, a]) await socket.close();
    }
  });

  it("is refused to a socket without a tx ring", async () => {
    const a = await openPlayed({});
    const b = await openPlayed({ played: a.played, share: a.socket, queue: 1, rxOnly: true });
    packets(a, 1);
    a.socket.receive((batch) => {
      expect(() => batch.forward(0, b.socket)).toThrow(
        expect.objectContaining({ code: "ERR_XDP_STATE" }),
      );
      expect(a.socket.umem.isLent(batch.address(0))).toBe(true);
    });
    await closeBoth(a, b);
  });
});

it("sockets on one queue send packets of one and of several frames, and their counts add up", async () => {
  const a = await openPlayed({ bind: { multiBuffer: true } });
  const b = await openPlayed({ played: a.played, share: a.socket, sameQueue: true });
  a.played.onKick = (fd) => {
    sendAll({ ...a.rings, tx: (a.played.sockets.get(fd) ?? a.rings).tx });
  };
  for (let round = 0; round < 10; round++) {
    expect(a.socket.send(new Uint8Array(5000))).toBe(true);
    expect(b.socket.send(new Uint8Array(2100))).toBe(true);
    expect(b.socket.send(new Uint8Array(100))).toBe(true);
    packets(a, 2);
    a.socket.receive(each((batch, i) => expect(batch.forward(i, b.socket)).toBe(true)));
  }
  const [first, second] = [a.socket.stats(), b.socket.stats()];
  expect([first.txQueued, second.txQueued]).toEqual([10, 40]);
  expect(first.txPackets + second.txPackets).toBe(50);
  expect(first.invalidCompletions + second.invalidCompletions).toBe(0);
  await closeBoth(a, b);
});
