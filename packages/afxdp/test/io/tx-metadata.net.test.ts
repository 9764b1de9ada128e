import { createSocket } from "node:dgram";
import { once } from "node:events";
import { ERRNO, type Kernel, XDP_TX_METADATA } from "@afxdp/core";
import type { TxMetadata } from "@afxdp/driver";
import type { AddressConsumer, DescriptorProducer } from "@afxdp/ring";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { redirect } from "afxdp";
import { afterEach, describe, expect, it } from "vitest";
import {
  closeDrivers,
  type DriverSocket,
  MODES,
  openDriver,
  patterned,
  receiveCopies,
} from "../support/driver-socket.js";
import { isRight, UDP_CHECKSUM, UDP_START, udpPacket } from "../support/udp-packet.js";

const CHECKSUM = { start: UDP_START, offset: UDP_CHECKSUM };
const refused = expect.objectContaining({ code: "ERR_XDP_TX_METADATA" });

/** The rings behind a socket, to do by hand what the socket refuses. */
function ringsOf({ ready }: DriverSocket): {
  kernel: Kernel;
  fd: number;
  tx: DescriptorProducer;
  completion: AddressConsumer;
} {
  return (ready as unknown as { io: ReturnType<typeof ringsOf> }).io;
}

describeOnKernel("TX metadata", () => {
  const lab = useLab({ mtu: 9000, ipv6: false });
  afterEach(closeDrivers);

  describe.each(MODES)("in %s mode", (mode) => {
    const rules = redirect.etherType(0x0800);

    it("has the kernel fill in a checksum that the receiver finds right", async () => {
      const { socket: a } = await openDriver(lab.a, { mode, rules });
      const { socket: b } = await openDriver(lab.b, {
        mode,
        umem: { txMetadata: { softwareChecksum: true } },
      });
      for (const length of [0, 1, 2, 101, 1000]) {
        const packet = udpPacket(lab.a, lab.b, 9000, new Uint8Array(length).fill(length));
        expect(isRight(packet)).toBe(false);
        const address = b.allocate();
        b.bytes.set(packet, address);
        expect(b.transmitWith(address, packet.length, { checksum: CHECKSUM })).toBe(true);
        b.flush();
        const [seen = new Uint8Array()] = await receiveCopies(a, 1);
        expect(seen.length).toBe(packet.length);
        expect(isRight(seen)).toBe(true);
      }
      expect(await b.drained({ timeoutMs: 2000 })).toBe(true);
      await a.close();
      await b.close();
    });

    it("goes with the first frame of a packet in several, and covers all of it", async () => {
      const bind = { multiBuffer: true };
      const { socket: a } = await openDriver(lab.a, { mode, rules, bind });
      const { socket: b } = await openDriver(lab.b, {
        mode,
        bind,
        umem: { txMetadata: { softwareChecksum: true } },
      });
      const packet = udpPacket(lab.a, lab.b, 9000, new Uint8Array(2000).fill(3));
      const cuts = [0, 101, 1300, packet.length];
      const addresses: number[] = [];
      const lengths: number[] = [];
      for (let s = 0; s < 3; s++) {
        const part = packet.subarray(cuts[s], cuts[s + 1]);
        const address = b.allocate();
        b.bytes.set(part, address);
        addresses.push(address);
        lengths.push(part.length);
      }
      expect(b.transmitChain(addresses, lengths, 3, { checksum: CHECKSUM })).toBe(true);
      b.flush();
      const [seen = new Uint8Array()] = await receiveCopies(a, 1);
      expect(seen.length).toBe(packet.length);
      expect(isRight(seen)).toBe(true);
      await a.close();
      await b.close();
    });

    it("tells when a packet left, once, of a frame that is held", async () => {
      const { socket: b } = await openDriver(lab.b, { mode, umem: { txMetadata: true } });
      const packet = patterned(lab.a, lab.b, 100);
      const times: bigint[] = [];
      const address = b.allocate();
      b.hold(address);
      const around: bigint[] = [];
      for (let round = 0; round < 3; round++) {
        b.bytes.set(packet, address);
        around.push(process.hrtime.bigint());
        expect(b.transmitWith(address, packet.length, { timestamp: true })).toBe(true);
        expect(() => b.txTimestamp(address)).toThrow(
          expect.objectContaining({ code: "ERR_XDP_FRAME_STATE" }),
        );
        expect(await b.drained({ timeoutMs: 2000 })).toBe(true);
        around.push(process.hrtime.bigint());
        const time = b.txTimestamp(address);
        expect(time).toBeTypeOf("bigint");
        times.push(time ?? 0n);
        expect(b.txTimestamp(address)).toBeUndefined();
      }
      const [first = 0n, second = 0n, third = 0n] = times;
      // Each lies between the clock readings around it, as far apart as they can be.
      const [t0 = 0n, , , t3 = 0n, , t5 = 0n] = around;
      expect(second > first && third > second).toBe(true);
      expect(second - first <= t3 - t0).toBe(true);
      expect(third - first <= t5 - t0).toBe(true);
      // TAI is 37 seconds ahead of UTC where the machine knows, and equal where it does not.
      const now = BigInt(Date.now()) * 1_000_000n;
      expect(first > now - 60_000_000_000n && first < now + 60_000_000_000n).toBe(true);
      // Without a request there is no timestamp, whatever stood there.
      expect(b.transmit(address, packet.length)).toBe(true);
      expect(await b.drained({ timeoutMs: 2000 })).toBe(true);
      expect(b.txTimestamp(address)).toBeUndefined();
      b.free(address);
      await b.close();
    });
  });

  it("does not outlast its packet: one sent later from there without a request goes out as it is", async () => {
    const { socket: a } = await openDriver(lab.a, { rules: redirect.etherType(0x0800) });
    const { socket: b } = await openDriver(lab.b, {
      umem: { txMetadata: { softwareChecksum: true } },
    });
    const packet = udpPacket(lab.a, lab.b, 9000, Uint8Array.of(1, 2, 3));
    const address = b.allocate();
    b.hold(address);
    b.bytes.set(packet, address);
    b.transmitWith(address, packet.length, { checksum: CHECKSUM });
    expect(await b.drained({ timeoutMs: 2000 })).toBe(true);
    b.bytes.set(packet, address);
    b.transmit(address, packet.length);
    expect(await b.drained({ timeoutMs: 2000 })).toBe(true);
    const seen = await receiveCopies(a, 2);
    expect(seen.map((one) => isRight(one))).toEqual([true, false]);
    expect(seen[1]).toEqual(packet);
    await a.close();
    await b.close();
  });

  it("that the kernel would refuse is refused first, and the queue goes on", async () => {
    const { socket: a } = await openDriver(lab.a);
    const { socket: b } = await openDriver(lab.b, { umem: { txMetadata: true } });
    const address = b.allocate();
    const before = b.frames;
    const bad: unknown[] = [
      { checksum: { start: 98, offset: 1 } },
      { checksum: { start: 0, offset: 99 } },
      { checksum: { start: 65535, offset: 65535 } },
      { checksum: { start: 65536, offset: 0 } },
      { checksum: { start: -1, offset: 0 } },
      { checksum: { start: 1.5, offset: 0 } },
      { checksum: { start: 34 } },
      { checksum: { start: "34", offset: 6 } },
      { launchTime: -1n },
      { launchTime: 1n << 64n },
      { launchTime: 5 },
      { timestamp: 1 },
      { timestamp: true }, // not held
    ];
    for (const metadata of bad) {
      expect(() => b.transmitWith(address, 100, metadata as TxMetadata)).toThrow(refused);
    }
    const argument = expect.objectContaining({ code: "ERR_XDP_ARGUMENT" });
    for (const metadata of [{ vlan: 5 }, { checksum: { start: 0, offset: 0, seed: 1 } }, null, 7]) {
      expect(() => b.transmitWith(address, 100, metadata as TxMetadata)).toThrow(argument);
    }
    // veth has no launch times.
    expect(() => b.transmitWith(address, 100, { launchTime: 1n })).toThrow(
      expect.objectContaining({ code: "ERR_XDP_FEATURE", feature: "txLaunchTime" }),
    );
    // In the reserved area there is no room for the structure in front.
    expect(() => b.transmitWith(address - 8, 100, {})).toThrow(
      expect.objectContaining({ code: "ERR_XDP_FRAME_SIZE" }),
    );
    expect(b.frames).toEqual(before);
    const packet = patterned(lab.a, lab.b, 100);
    b.bytes.set(packet, address);
    expect(b.transmitWith(address, 100, {})).toBe(true);
    b.flush();
    expect(await receiveCopies(a, 1)).toEqual([packet]);
    await a.close();
    await b.close();
  });

  it("needs a UMEM that was made for it", async () => {
    const { socket } = await openDriver(lab.b);
    const address = socket.allocate();
    expect(() => socket.transmitWith(address, 100, { checksum: CHECKSUM })).toThrow(refused);
    expect(() => socket.txTimestamp(address)).toThrow(refused);
    socket.free(address);
    await socket.close();
  });

  it("without softwareChecksum leaves the checksum to whoever comes first: the peer's stack finds it right", async () => {
    const { socket: b } = await openDriver(lab.b, { umem: { txMetadata: true } });
    const udp = createSocket("udp4");
    udp.bind(9000, lab.a.ipv4);
    await once(udp, "listening");
    const seen: string[] = [];
    udp.on("message", (message) => seen.push(message.toString()));
    for (const [text, metadata] of [
      ["unfinished", {}],
      ["right", { checksum: CHECKSUM }],
    ] as const) {
      const packet = udpPacket(lab.a, lab.b, 9000, Buffer.from(text));
      const address = b.allocate();
      b.bytes.set(packet, address);
      expect(b.transmitWith(address, packet.length, metadata)).toBe(true);
      b.flush();
    }
    while (!seen.includes("right")) await once(udp, "message");
    expect(seen).toEqual(["right"]);
    udp.close();
  });

  it("the kernel itself takes a launch time in copy mode, whatever the card: nobody would heed it", async () => {
    const opened = await openDriver(lab.b, { umem: { txMetadata: true } });
    const { socket } = opened;
    const { kernel, fd, tx, completion } = ringsOf(opened);
    const address = 2048 * 200 + 256;
    const view = new DataView(socket.bytes.buffer, socket.bytes.byteOffset);
    view.setUint32(address - 24, 4, true);
    view.setBigUint64(address - 8, 1n << 62n, true);
    tx.reserve(1);
    tx.set(0, address, 100, XDP_TX_METADATA);
    tx.submit(1);
    expect(kernel.kickTx(fd, 1)).toBe(0);
    expect([tx.pending(), completion.available()]).toEqual([0, 1]);
  });

  it.each([
    ["a checksum outside of the packet", { txMetadata: true }, [2, 0], [98, 1]],
    ["a flag that nobody knows", { txMetadata: true }, [8, 0], [0, 0]],
    ["metadata without room for it", {}, [0, 0], [0, 0]],
  ] as const)(
    "bad: the kernel itself answers %s with EINVAL, and the queue stands still",
    async (_what, umem, flags, place) => {
      const opened = await openDriver(lab.b, { umem });
      const { socket } = opened;
      const { kernel, fd, tx, completion } = ringsOf(opened);
      const address = 2048 * 200 + 256;
      const view = new DataView(socket.bytes.buffer, socket.bytes.byteOffset);
      view.setUint32(address - 24, flags[0], true);
      view.setUint32(address - 20, flags[1], true);
      view.setUint16(address - 16, place[0], true);
      view.setUint16(address - 14, place[1], true);
      tx.reserve(2);
      tx.set(0, address, 100, XDP_TX_METADATA);
      tx.set(1, address + 2048, 100, 0);
      tx.submit(2);
      for (let kick = 1; kick <= 3; kick++) {
        expect(kernel.kickTx(fd, 4)).toBe(-ERRNO.EINVAL);
        expect(tx.pending()).toBe(2);
        expect(completion.available()).toBe(kick);
      }
      await socket.close();
    },
  );
});
