import {
  type ErrorCode,
  XDP_PKT_CONTD,
  XDP_TX_METADATA,
  XDP_TXMD_FLAGS_CHECKSUM,
} from "@afxdp/core";
import type { Socket, UmemSetup } from "afxdp";
import type { Descriptor } from "./raw-sender.js";

/** One thing that kernel-contract.md, section 6, calls invalid. */
export interface DescriptorRow {
  readonly what: string;
  readonly umem: UmemSetup;
  /** Tries it on an open socket; the frame is one of the application's. Absent where there are no words for it. */
  readonly say?: (socket: Socket, frame: number) => unknown;
  readonly code?: ErrorCode;
  /** The same as descriptors, for a frame at this address; may write metadata before it. */
  readonly descriptors: (frame: number, bytes: DataView) => readonly Descriptor[];
  /** Invalid descriptors that the kernel counts; or the errno with which it leaves the descriptor where it is. */
  readonly answer: number | "EINVAL";
}

const FRAMES = 64;
const SIZE = 2048;
const PLAIN: UmemSetup = { frameCount: FRAMES };
/** Frames with room for metadata. */
export const METADATA: UmemSetup = { frameCount: FRAMES, txMetadata: { length: 24 } };
const UNALIGNED: UmemSetup = { frameCount: FRAMES, frameSize: 3000, unaligned: true };
const SIZE_ERROR = "ERR_XDP_FRAME_SIZE";
const FOREIGN = "ERR_XDP_FOREIGN_FRAME";
const BAD_METADATA = "ERR_XDP_TX_METADATA";

/** A request in front of a packet: flags, where the checksum begins and where it goes from there. */
const request = (bytes: DataView, frame: number, flags: number, start = 0, offset = 0): void => {
  bytes.setBigUint64(frame - 24, BigInt(flags), true);
  bytes.setUint16(frame - 16, start, true);
  bytes.setUint16(frame - 14, offset, true);
};

/** The rows. */
export const DESCRIPTOR_ROWS: readonly DescriptorRow[] = [
  {
    what: "no bytes",
    umem: PLAIN,
    say: (socket, frame) => socket.transmit(frame, 0),
    code: SIZE_ERROR,
    descriptors: (frame) => [[frame, 0, 0]],
    answer: 1,
  },
  {
    what: "bytes past the end of the frame",
    umem: PLAIN,
    say: (socket, frame) => socket.transmit(frame + SIZE - 60, 64),
    code: SIZE_ERROR,
    descriptors: (frame) => [[frame + SIZE - 60, 64, 0]],
    answer: 1,
  },
  {
    what: "an address behind the UMEM",
    umem: PLAIN,
    say: (socket) => socket.transmit(FRAMES * SIZE, 64),
    code: FOREIGN,
    descriptors: () => [[FRAMES * SIZE, 64, 0]],
    answer: 1,
  },
  {
    what: "an address before the UMEM",
    umem: PLAIN,
    say: (socket) => socket.transmit(-2, 64),
    code: FOREIGN,
    descriptors: () => [[0xffff_fffe, 64, 0]],
    answer: 1,
  },
  {
    what: "an unknown option of a descriptor",
    umem: PLAIN,
    descriptors: (frame) => [[frame, 64, 4]],
    answer: 1,
  },
  {
    what: "a packet of 19 frames, of which each counts",
    umem: PLAIN,
    say: (socket, frame) => {
      const others = Array.from({ length: 18 }, () => socket.allocate());
      try {
        return socket.transmitChain([frame, ...others], new Array(19).fill(64), 19);
      } finally {
        for (const other of others) socket.free(other);
      }
    },
    code: "ERR_XDP_CHAIN",
    descriptors: () =>
      Array.from({ length: 19 }, (_, i) => [i * SIZE, 64, i < 18 ? XDP_PKT_CONTD : 0] as const),
    answer: 19,
  },
  {
    what: "a packet of two frames, of which the second is empty: both count",
    umem: PLAIN,
    say: (socket, frame) => socket.transmitChain([frame, frame], [64, 0], 2),
    code: "ERR_XDP_CHAIN",
    descriptors: (frame) => [
      [frame, 64, XDP_PKT_CONTD],
      [frame + SIZE, 0, 0],
    ],
    answer: 2,
  },
  {
    what: "too little room for metadata before the UMEM's first bytes, also without a request",
    umem: METADATA,
    say: (socket) => socket.transmit(8, 64),
    code: SIZE_ERROR,
    descriptors: () => [[8, 64, 0]],
    answer: 1,
  },
  {
    what: "a packet that leaves no room for metadata in its frame",
    umem: METADATA,
    say: (socket, frame) => socket.transmit(frame, SIZE - 8),
    code: SIZE_ERROR,
    descriptors: (frame) => [[frame, SIZE - 8, 0]],
    answer: 1,
  },
  {
    what: "an unaligned packet longer than a chunk",
    umem: UNALIGNED,
    say: (socket, frame) => socket.transmit(frame, 3001),
    code: SIZE_ERROR,
    descriptors: (frame) => [[frame, 3001, 0]],
    answer: 1,
  },
  {
    what: "an unaligned packet past the end of the UMEM",
    umem: UNALIGNED,
    say: (socket) => socket.transmit(FRAMES * 3000 - 20, 64),
    code: SIZE_ERROR,
    descriptors: () => [[FRAMES * 3000 - 20, 64, 0]],
    answer: 1,
  },
  {
    what: "metadata where the UMEM has none",
    umem: PLAIN,
    say: (socket, frame) => socket.transmitWith(frame + 64, 64, { timestamp: true }),
    code: BAD_METADATA,
    descriptors: (frame) => [[frame + 64, 64, XDP_TX_METADATA]],
    answer: "EINVAL",
  },
  {
    what: "an unknown request in metadata",
    umem: METADATA,
    say: (socket, frame) => socket.transmitWith(frame, 64, { flags: 8 } as never),
    code: "ERR_XDP_ARGUMENT",
    descriptors: (frame, bytes) => {
      request(bytes, frame, 8);
      return [[frame, 64, XDP_TX_METADATA]];
    },
    answer: "EINVAL",
  },
  {
    what: "a checksum that begins behind the packet",
    umem: METADATA,
    say: (socket, frame) => socket.transmitWith(frame, 64, { checksum: { start: 64, offset: 0 } }),
    code: BAD_METADATA,
    descriptors: (frame, bytes) => {
      request(bytes, frame, XDP_TXMD_FLAGS_CHECKSUM, 64, 0);
      return [[frame, 64, XDP_TX_METADATA]];
    },
    answer: "EINVAL",
  },
  {
    what: "a checksum that goes behind the packet",
    umem: METADATA,
    say: (socket, frame) => socket.transmitWith(frame, 64, { checksum: { start: 34, offset: 29 } }),
    code: BAD_METADATA,
    descriptors: (frame, bytes) => {
      request(bytes, frame, XDP_TXMD_FLAGS_CHECKSUM, 34, 29);
      return [[frame, 64, XDP_TX_METADATA]];
    },
    answer: "EINVAL",
  },
];
