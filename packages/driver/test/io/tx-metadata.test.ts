import {
  NETDEV_XSK_FLAGS_TX_CHECKSUM,
  NETDEV_XSK_FLAGS_TX_LAUNCH_TIME_FIFO,
  NETDEV_XSK_FLAGS_TX_TIMESTAMP,
  XDP_PKT_CONTD,
  XDP_TX_METADATA,
} from "@afxdp/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openPlayed, type PlayedSocket } from "../support/open-played.js";
import { playKernel, type SentDescriptor, sendAll } from "../support/played-kernel.mjs";

/** Opens a socket in zero copy on a card with these features. */
async function openCard(
  xsk: number,
  umem = {},
): Promise<PlayedSocket & { readonly sent: SentDescriptor[] }> {
  const played = playKernel({ zeroCopy: true, segments: 8, xsk });
  const bind = { multiBuffer: true };
  const opened = await openPlayed({ played, bind, umem: { txMetadata: true, ...umem } });
  const sent: SentDescriptor[] = [];
  played.onKick = () => sent.push(...sendAll(opened.rings));
  return { ...opened, sent };
}

/** The checksum over some bytes, as RFC 1071 defines it: by adding 16-bit words. */
function reference(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) {
    sum += (bytes[i] as number) * 256 + (bytes[i + 1] ?? 0);
  }
  while (sum > 0xffff) sum = (sum % 65536) + Math.floor(sum / 65536);
  return ~sum & 0xffff || 0xffff;
}

describe("a checksum that the card does not compute", () => {
  it.each([
    ["the example of RFC 1071", "0001f203f4f5f6f7", 0x220d],
    ["the header of an IPv4 packet", "4500007300004000401100" + "00c0a80001c0a800c7", 0xb861],
  ])("is computed here: %s", async (_what, hex, expected) => {
    const { socket, sent } = await openCard(0);
    const bytes = Buffer.from(hex, "hex");
    // Behind a header that is not summed; the field comes first and is 0.
    const length = 20 + 2 + bytes.length;
    const address = socket.allocate();
    socket.bytes.fill(0xaa, address, address + 20);
    socket.bytes.fill(0, address + 20, address + 22);
    socket.bytes.set(bytes, address + 22);
    socket.transmitWith(address, length, { checksum: { start: 20, offset: 0 } });
    socket.flush();
    expect(sent).toEqual([{ address, length, options: 0 }]);
    const field = socket.bytes.subarray(address + 20, address + 22);
    expect(Buffer.from(field).readUInt16BE()).toBe(expected);
    await socket.close();
  });

  it("covers a packet in several frames, wherever it is cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 40, maxLength: 400 }),
        fc.array(fc.integer({ min: 40, max: 400 }), { maxLength: 4 }),
        fc.nat(20),
        async (bytes, cuts, start) => {
          const { socket } = await openCard(0, { ringsLength: 4 * 65536 });
          const ends = [...new Set(cuts.filter((cut) => cut < bytes.length))].sort((x, y) => x - y);
          const parts = [...ends, bytes.length].map((end, s) =>
            bytes.subarray(ends[s - 1] ?? 0, end),
          );
          const addresses = parts.map((part) => {
            const address = socket.allocate();
            socket.bytes.set(part, address);
            return address;
          });
          const lengths = parts.map((part) => part.length);
          const checksum = { start, offset: 6 };
          expect(socket.transmitChain(addresses, lengths, parts.length, { checksum })).toBe(true);
          const at = (addresses[0] as number) + start + 6;
          const value = (socket.bytes[at] as number) * 256 + (socket.bytes[at + 1] as number);
          expect(value).toBe(reference(bytes.subarray(start)));
          await socket.close();
        },
      ),
      { numRuns: 30 },
    );
  });

  it("is 0xffff where it would be 0, which means that there is none", async () => {
    const { socket } = await openCard(0);
    const address = socket.allocate();
    socket.bytes.fill(0, address, address + 60);
    socket.bytes.set([0xff, 0xff], address + 40);
    socket.transmitWith(address, 60, { checksum: { start: 34, offset: 6 } });
    expect([...socket.bytes.subarray(address + 40, address + 42)]).toEqual([0xff, 0xff]);
    await socket.close();
  });
});

describe("what the card can do", () => {
  const ALL =
    NETDEV_XSK_FLAGS_TX_CHECKSUM |
    NETDEV_XSK_FLAGS_TX_LAUNCH_TIME_FIFO |
    NETDEV_XSK_FLAGS_TX_TIMESTAMP;

  it("is written in front of the packet as struct xsk_tx_metadata, with the bit on the first descriptor", async () => {
    const { socket, sent } = await openCard(ALL, { txMetadata: { length: 32 } });
    const [one, two] = [socket.allocate(), socket.allocate()];
    expect(one % 2048).toBe(32);
    socket.hold(one);
    socket.bytes.fill(0xee, one - 32, one);
    const launchTime = 0x0102_0304_0506_0708n;
    const checksum = { start: 34, offset: 6 };
    socket.transmitChain([one, two], [60, 40], 2, { checksum, launchTime, timestamp: true });
    const flags = [7, 0, 0, 0, 0, 0, 0, 0];
    const fields = [34, 0, 6, 0, 0, 0, 0, 0];
    const time = [8, 7, 6, 5, 4, 3, 2, 1];
    const padding = Array<number>(8).fill(0xee);
    expect([...socket.bytes.subarray(one - 32, one)]).toEqual([
      ...[...flags, ...fields, ...time],
      ...padding,
    ]);
    socket.flush();
    expect(sent).toEqual([
      { address: one, length: 60, options: XDP_PKT_CONTD | XDP_TX_METADATA },
      { address: two, length: 40, options: 0 },
    ]);
    expect(socket.txTimestamp(one)).toBeUndefined(); // the card has not written it
    new DataView(socket.bytes.buffer).setBigUint64(one - 32 + 8, 1_700_000_000_000_000_000n, true);
    expect(socket.txTimestamp(one)).toBe(1_700_000_000_000_000_000n);
    expect(socket.txTimestamp(one)).toBeUndefined();
    socket.free(one);
    await socket.close();
  });

  it("a request for what it cannot do would be ignored in silence: it is refused", async () => {
    const { socket } = await openCard(NETDEV_XSK_FLAGS_TX_CHECKSUM);
    const address = socket.allocate();
    socket.hold(address);
    for (const [metadata, feature] of [
      [{ timestamp: true }, "txTimestamp"],
      [{ launchTime: 0n }, "txLaunchTime"],
    ] as const) {
      expect(() => socket.transmitWith(address, 60, metadata)).toThrow(
        expect.objectContaining({ code: "ERR_XDP_FEATURE", feature }),
      );
    }
    expect(socket.umem.stateOf(address)).toBe("application");
    socket.free(address);
    await socket.close();
  });

  it("the last packet of a full tx ring changes nothing, not even in front of it", async () => {
    const { socket, played } = await openCard(ALL, { frameCount: 128 });
    played.onKick = () => undefined;
    for (let i = 0; i < 32; i++) socket.transmit(socket.allocate(), 60);
    const address = socket.allocate();
    socket.bytes.fill(0, address - 24, address + 60);
    const checksum = { start: 34, offset: 6 };
    expect(socket.transmitWith(address, 60, { checksum })).toBe(false);
    expect(socket.bytes.subarray(address - 24, address + 60).every((byte) => byte === 0)).toBe(
      true,
    );
    expect(socket.umem.stateOf(address)).toBe("application");
    socket.free(address);
    await socket.close();
  });
});
