import {
  ERRNO,
  errnoName,
  NETDEV_XSK_FLAGS_TX_CHECKSUM,
  NETDEV_XSK_FLAGS_TX_TIMESTAMP,
  XDP_TX_METADATA,
  XDP_TXMD_FLAGS_CHECKSUM,
  XDP_TXMD_FLAGS_TIMESTAMP,
  XDP_UMEM_TX_SW_CSUM,
  XdpSystemError,
  XSK_TX_METADATA_SIZE,
} from "@afxdp/core";
import { type Bench, RING } from "../bench.js";
import { expect, expectEqual } from "../outcome.js";
import type { MemoryOptions } from "../socket/packet-memory.js";
import type { Xsk } from "../socket/xsk.js";
import { hex } from "../traffic/completions.js";
import { BATCH, SHORT } from "../traffic/packets.js";
import { writePiece } from "../traffic/payload.js";
import { completed, hexList, put, take, transmit } from "../traffic/raw.js";
import { kickOnce } from "../traffic/sender.js";
import { CHECKSUM_OFFSET, CHECKSUM_START, checkUdp, writeUdp } from "../traffic/udp.js";
import type { Case } from "./case.js";
import { type Link, openLink } from "./link.js";

/** Where a packet begins in its frame, with room for the metadata before it. */
const START = 256;

/** Writes `struct xsk_tx_metadata` before the packet at `address`. */
function writeRequest(
  { memory }: Xsk,
  address: number,
  request: { readonly flags: number; readonly start?: number; readonly offset?: number },
): void {
  const { view, base } = memory;
  const at = base + address - XSK_TX_METADATA_SIZE;
  for (let i = 0; i < XSK_TX_METADATA_SIZE; i += 4) view.setUint32(at + i, 0);
  view.setUint32(at, request.flags, true);
  view.setUint16(at + 8, request.start ?? 0, true);
  view.setUint16(at + 10, request.offset ?? 0, true);
}

/** The kernel has to know TX metadata. In zero copy the device has to offer it, too; in copy mode the kernel does it. */
function requireFeature(bench: Bench, bit: number, what: string): void {
  if (!bench.profile.txMetadata) bench.skip(NO_METADATA);
  if (bench.mode !== "ZC" || (bench.features(bench.pair.a).xsk & bit) !== 0) return;
  bench.skip(`the device has no ${what} in zero copy (netdev xsk-features)`);
}

const NO_METADATA = "no TX metadata here (XDP_UMEM_REG refuses it)";
const METADATA: MemoryOptions = { metadata: XSK_TX_METADATA_SIZE };

/** In copy mode the kernel computes checksums, but not for drivers that take packets in fragments only, as virtio's. */
function openChecksumLink(bench: Bench): Link {
  if (bench.mode === "ZC") return openLink(bench, { tx: METADATA });
  try {
    return openLink(bench, { tx: { ...METADATA, flags: XDP_UMEM_TX_SW_CSUM } });
  } catch (error) {
    if (!(error instanceof XdpSystemError) || error.errno !== ERRNO.EOPNOTSUPP) throw error;
    return bench.skip(
      `${bench.pair.a.interfaceName} cannot have XDP_UMEM_TX_SW_CSUM (bind: EOPNOTSUPP)`,
    );
  }
}

/** UDP packets go out with the pseudo header's sum alone in their checksum, and arrive with the right one. */
function runChecksum(bench: Bench): void {
  requireFeature(bench, NETDEV_XSK_FLAGS_TX_CHECKSUM, "checksums");
  const { sender, receiver } = openChecksumLink(bench);
  const { memory } = sender;
  const descriptors = Array.from({ length: BATCH }, (_, i) => {
    const address = i * memory.frameSize + START;
    const length = writeUdp(memory.view, memory.base + address, i);
    const request = { start: CHECKSUM_START, offset: CHECKSUM_OFFSET };
    writeRequest(sender, address, { flags: XDP_TXMD_FLAGS_CHECKSUM, ...request });
    return { address, length, options: XDP_TX_METADATA };
  });
  transmit(sender, descriptors);
  for (const [i, { address, length }] of take(receiver, BATCH).entries()) {
    checkUdp(receiver.memory.view, receiver.memory.base + address, length, i);
  }
}

/** When a packet was sent stands in its metadata once it is completed. */
function runTimestamp(bench: Bench): void {
  requireFeature(bench, NETDEV_XSK_FLAGS_TX_TIMESTAMP, "timestamps");
  const { sender } = openLink(bench, { tx: METADATA });
  const { memory } = sender;
  let last = 0n;
  for (let packet = 0; packet < BATCH; packet++) {
    const address = packet * memory.frameSize + START;
    const at = memory.base + address;
    writePiece(memory.view, { at, length: SHORT, position: 0, packet }, 0);
    writeRequest(sender, address, { flags: XDP_TXMD_FLAGS_TIMESTAMP });
    transmit(sender, [{ address, length: SHORT, options: XDP_TX_METADATA }]);
    const stamp = memory.view.getBigUint64(at - XSK_TX_METADATA_SIZE + 8, true);
    expect(stamp > last, `packet ${packet} was sent at ${stamp}, the one before at ${last}`);
    last = stamp;
  }
}

/** A request that the kernel refuses. */
interface BadRequest {
  readonly what: string;
  readonly memory: MemoryOptions;
  readonly request: Parameters<typeof writeRequest>[2];
}

const UNKNOWN_FLAG = 1 << 16;

const BAD_REQUESTS: readonly BadRequest[] = [
  { what: "metadata in a UMEM without", memory: {}, request: { flags: 0 } },
  { what: "an unknown flag", memory: METADATA, request: { flags: UNKNOWN_FLAG } },
  {
    what: "a checksum outside of the packet",
    memory: METADATA,
    request: { flags: XDP_TXMD_FLAGS_CHECKSUM, start: SHORT, offset: 2 },
  },
];

/** A bad request is refused again and again, and what stands behind it never goes. */
function runInvalid(bench: Bench): void {
  if (!bench.profile.txMetadata) bench.skip(NO_METADATA);
  const { a } = bench.pair;
  for (const { what, memory: options, request } of BAD_REQUESTS) {
    bench.nested((own) => {
      const xsk = own.socket(a, { memory: own.memory(a, options), tx: RING });
      own.program(a);
      writeRequest(xsk, START, request);
      put(xsk, [
        { address: START, length: SHORT, options: XDP_TX_METADATA },
        { address: START + xsk.memory.frameSize, length: SHORT },
      ]);
      for (const time of ["once", "twice", "three times"]) {
        const result = errnoName(kickOnce(xsk));
        expectEqual(`sendto, ${time}, with ${what}`, result, errnoName(ERRNO.EINVAL));
        expectEqual(`descriptors that stay, with ${what}`, xsk.tx.pending(), 2);
      }
      // Some kernels complete the refused one at each try; the one behind it cannot have been.
      const others = completed(xsk).filter((address) => address !== START);
      expect(
        others.length === 0,
        `with ${what}: completed ${hexList(others)}, not only ${hex(START)}`,
      );
    });
  }
}

/** What a packet asks of the device, or of the kernel in its stead. */
export const TX_METADATA: readonly Case[] = [
  {
    name: "TX_METADATA_CHECKSUM",
    about: "Checksums asked for in TX metadata are right at the receiver.",
    run: runChecksum,
  },
  {
    name: "TX_METADATA_TIMESTAMP",
    about: "The time of sending is written into the metadata, later for each packet.",
    run: runTimestamp,
  },
  {
    name: "TX_METADATA_INVALID",
    about: "A bad request is EINVAL each time, is not consumed, and blocks what stands behind it.",
    only: { modes: ["SKB", "DRV"], reason: "in zero copy drivers ignore what they do not know" },
    run: runInvalid,
  },
];
