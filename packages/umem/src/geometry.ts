import {
  checkOptions,
  XDP_PACKET_HEADROOM,
  XDP_TAILROOM,
  XDP_UMEM_MIN_CHUNK_SIZE,
  XDP_UMEM_TX_METADATA_LEN,
  XDP_UMEM_TX_SW_CSUM,
  XDP_UMEM_UNALIGNED_CHUNK_FLAG,
  XdpError,
} from "@afxdp/core";
import { MAX_UMEM_LENGTH } from "./arena.js";
import { type TxMetadataOptions, txMetadataOf } from "./tx-metadata.js";

/** How the UMEM is cut into frames. */
export interface FrameOptions {
  /** Number of frames, 2 up to 4 GiB of them. */
  readonly frameCount: number;
  /**
   * Bytes of a frame (the kernel's chunk): a power of two from 2048 to the page size; with `unaligned` any number
   * between these. Default 2048.
   */
  readonly frameSize?: number | undefined;
  /** Bytes left free in front of each received packet, beside the kernel's 256. Default 0. */
  readonly headroom?: number | undefined;
  /** Frames may be of any size and lie across page boundaries (XDP_UMEM_UNALIGNED_CHUNK_FLAG). Linux 5.4. */
  readonly unaligned?: boolean | undefined;
  /** Keeps room in front of each packet to be sent for what the card shall do with it. Linux 6.8. Default false. */
  readonly txMetadata?: boolean | TxMetadataOptions | undefined;
}

/** The least room for a packet that a recent kernel accepts. */
const MIN_PACKET_ROOM = 128;

const GREATEST_FRAME = 65536;

/** The last two are of `UmemOptions`, which are frame options, too. */
const OPTIONS = [
  "frameCount",
  "frameSize",
  "headroom",
  "unaligned",
  "txMetadata",
  "ringsLength",
  "placement",
];

/**
 * Where frames lie: the only place that turns an address into a frame. Addresses are bytes from the start of the
 * UMEM, wherever in a frame they point. This class is for frames of a power of two without TX metadata; `planFrames`
 * makes it, or the one for all others.
 */
export class FrameGeometry {
  readonly frameCount: number;
  readonly frameSize: number;
  readonly headroom: number;
  /** Bytes of all frames. */
  readonly length: number;
  readonly unaligned: boolean;
  /** Bytes kept in front of each packet to be sent; 0 without TX metadata. */
  readonly txMetadataLength: number;
  /**
   * Bytes of a packet that can be sent from any frame's `packetAddressOf`: where frames are of an odd size, every second
   * one has a byte more.
   */
  readonly sendRoom: number;
  /** XDP_UMEM_* flags to register it with. */
  readonly flags: number;
  /** log2(frameSize); meaningless where that is not a power of two. */
  protected readonly shift: number;

  /**
   * @throws XdpError ERR_XDP_CHUNK_SIZE, ERR_XDP_UMEM_SIZE, ERR_XDP_HEADROOM, ERR_XDP_TX_METADATA. The upper bound of
   * frameSize, the page size, is the kernel's to check: `checkPageSize`.
   */
  constructor(options: FrameOptions) {
    checkOptions("umem", options, OPTIONS);
    const { frameCount, frameSize = XDP_UMEM_MIN_CHUNK_SIZE } = options;
    const { headroom = 0, unaligned = false } = options;
    if (typeof unaligned !== "boolean") {
      throw new XdpError("ERR_XDP_ARGUMENT", `unaligned ${String(unaligned)} is not a boolean.`);
    }
    checkFrameSize(frameSize, unaligned);
    const most = Math.floor(MAX_UMEM_LENGTH / frameSize);
    if (!Number.isInteger(frameCount) || frameCount < 2 || frameCount > most) {
      throw new XdpError(
        "ERR_XDP_UMEM_SIZE",
        `frameCount ${String(frameCount)} is not a whole number from 2 to ${most}.`,
        { hint: `Choose 2 to ${most} frames of ${frameSize} bytes.` },
      );
    }
    const mostHeadroom = frameSize - XDP_PACKET_HEADROOM - XDP_TAILROOM - MIN_PACKET_ROOM;
    if (!Number.isInteger(headroom) || headroom < 0 || headroom > mostHeadroom) {
      throw new XdpError(
        "ERR_XDP_HEADROOM",
        `headroom ${String(headroom)} is not a whole number from 0 to ${mostHeadroom} (frameSize ${frameSize}).`,
      );
    }
    const metadata = txMetadataOf(options.txMetadata);
    this.frameCount = frameCount;
    this.frameSize = frameSize;
    this.headroom = headroom;
    this.unaligned = unaligned;
    this.txMetadataLength = metadata.length;
    this.sendRoom = frameSize - metadata.length - (frameSize % 2);
    this.flags =
      (unaligned ? XDP_UMEM_UNALIGNED_CHUNK_FLAG : 0) |
      (metadata.length > 0 ? XDP_UMEM_TX_METADATA_LEN : 0) |
      (metadata.softwareChecksum ? XDP_UMEM_TX_SW_CSUM : 0);
    this.shift = Math.log2(frameSize);
    this.length = frameCount * frameSize;
  }

  /** Throws ERR_XDP_CHUNK_SIZE when a frame is larger than a page of this machine. */
  checkPageSize(pageSize: number): void {
    if (this.frameSize > pageSize) {
      throw new XdpError(
        "ERR_XDP_CHUNK_SIZE",
        `frameSize ${this.frameSize} is greater than the page size, ${pageSize}.`,
        { hint: `Use ${XDP_UMEM_MIN_CHUNK_SIZE} to ${pageSize}.` },
      );
    }
  }

  /**
   * Checks that there are frames enough to fill a fill ring of so many entries.
   *
   * @throws XdpError ERR_XDP_UMEM_SIZE
   */
  checkFillRing(entries: number): void {
    if (entries > this.frameCount) {
      throw new XdpError(
        "ERR_XDP_UMEM_SIZE",
        `A fill ring of ${entries} needs at least ${entries} frames: the UMEM has ${this.frameCount}.`,
      );
    }
  }

  /** The number of the frame that holds an address, or -1 when it lies in none. */
  frameOf(address: number): number {
    // One comparison pair turns away negatives, NaN and all that `>>>` would fold into range.
    return address >= 0 && address < this.length ? address >>> this.shift : -1;
  }

  /** The address of a frame's first byte: what goes into the fill ring. */
  addressOf(frame: number): number {
    return frame * this.frameSize;
  }

  /**
   * Where a packet to be sent can begin at the earliest in a frame: behind its TX metadata, where there is any, and at an
   * even address where frames are of an odd size.
   */
  packetAddressOf(frame: number): number {
    return frame * this.frameSize;
  }

  /** The first address of the frame that holds an address. */
  baseOf(address: number): number {
    return address - (address & (this.frameSize - 1));
  }

  /** Bytes from an address to the end of its frame. */
  roomAt(address: number): number {
    return this.frameSize - (address & (this.frameSize - 1));
  }

  /** Bytes of a packet that can be sent from an address; 0 where there is no room for TX metadata in front of it. */
  sendRoomAt(address: number): number {
    return this.frameSize - (address & (this.frameSize - 1));
  }

  /** The address that the two words of a received descriptor stand for, or -1 when they stand for none. */
  addressAt(low: number, high: number): number {
    return high === 0 ? low : -1;
  }
}

/**
 * Frames of any size, and frames with TX metadata: the same by division. It is a class of its own so that the plain one
 * needs no branch.
 */
class GeneralGeometry extends FrameGeometry {
  override frameOf(address: number): number {
    return address >= 0 && address < this.length ? Math.floor(address / this.frameSize) : -1;
  }

  override packetAddressOf(frame: number): number {
    const address = frame * this.frameSize + this.txMetadataLength;
    return address + (address & 1);
  }

  override baseOf(address: number): number {
    return address - (address % this.frameSize);
  }

  override roomAt(address: number): number {
    return this.frameSize - (address % this.frameSize);
  }

  override sendRoomAt(address: number): number {
    const offset = address % this.frameSize;
    // Recent kernels complete a packet at an odd address at the even one before it, which must be of the same frame.
    const isOddStart = offset === 0 && (address & 1) === 1;
    return offset < this.txMetadataLength || isOddStart ? 0 : this.frameSize - offset;
  }

  /** Of unaligned chunks the kernel keeps the offset in the top 16 bits (net/xdp/xsk_queue.h). */
  override addressAt(low: number, high: number): number {
    if (!this.unaligned) return high === 0 ? low : -1;
    return (high & 0xffff) === 0 ? low + (high >>> 16) : -1;
  }
}

/** Plans frames. @throws as the constructor of FrameGeometry */
export function planFrames(options: FrameOptions): FrameGeometry {
  const plain = new FrameGeometry(options);
  return plain.flags === 0 ? plain : new GeneralGeometry(options);
}

function checkFrameSize(frameSize: number, unaligned: boolean): void {
  const fits = unaligned ? Number.isInteger(frameSize) : Number.isInteger(Math.log2(frameSize));
  if (!fits || frameSize < XDP_UMEM_MIN_CHUNK_SIZE || frameSize > GREATEST_FRAME) {
    const kind = unaligned ? "a whole number" : "a power of two";
    throw new XdpError(
      "ERR_XDP_CHUNK_SIZE",
      `frameSize ${String(frameSize)} is not ${kind} from ${XDP_UMEM_MIN_CHUNK_SIZE} to the page size.`,
    );
  }
}
