import { checkOptions, XDP_PACKET_HEADROOM, XDP_UMEM_MIN_CHUNK_SIZE, XdpError } from "@afxdp/core";
import { MAX_UMEM_LENGTH } from "./arena.js";

/** How the UMEM is cut into frames. */
export interface FrameOptions {
  /** Number of frames, 2 up to 4 GiB of them. */
  readonly frameCount: number;
  /** Bytes of a frame (the kernel's chunk): a power of two from 2048 to the page size. Default 2048. */
  readonly frameSize?: number | undefined;
  /** Bytes left free in front of each received packet, beside the kernel's 256. Default 0. */
  readonly headroom?: number | undefined;
}

/** Bytes behind a packet that recent kernels keep for themselves (skb_shared_info, since 6.18.4x). */
const TAILROOM = 320;
/** The least room for a packet that such a kernel accepts. */
const MIN_PACKET_ROOM = 128;

const GREATEST_FRAME = 65536;

/** The last is of `UmemOptions`, which are frame options, too. */
const OPTIONS = ["frameCount", "frameSize", "headroom", "ringsLength"];

/**
 * Where frames lie: the only place that turns an address into a frame. Addresses are bytes from the start of the
 * UMEM, wherever in a frame they point.
 */
export class FrameGeometry {
  readonly frameCount: number;
  readonly frameSize: number;
  readonly headroom: number;
  /** Bytes of all frames. */
  readonly length: number;
  /** log2(frameSize). */
  readonly shift: number;

  /**
   * @throws XdpError ERR_XDP_CHUNK_SIZE, ERR_XDP_UMEM_SIZE or ERR_XDP_HEADROOM. The upper bound of frameSize, the
   * page size, is the kernel's to check: `checkPageSize`.
   */
  constructor(options: FrameOptions) {
    checkOptions("umem", options, OPTIONS);
    const { frameCount, frameSize = XDP_UMEM_MIN_CHUNK_SIZE, headroom = 0 } = options;
    const shift = Math.log2(frameSize);
    if (
      !Number.isInteger(frameSize) ||
      !Number.isInteger(shift) ||
      frameSize < XDP_UMEM_MIN_CHUNK_SIZE ||
      frameSize > GREATEST_FRAME
    ) {
      throw new XdpError(
        "ERR_XDP_CHUNK_SIZE",
        `frameSize ${String(frameSize)} is not a power of two from ${XDP_UMEM_MIN_CHUNK_SIZE} to the page size.`,
      );
    }
    const most = Math.floor(MAX_UMEM_LENGTH / frameSize);
    if (!Number.isInteger(frameCount) || frameCount < 2 || frameCount > most) {
      throw new XdpError(
        "ERR_XDP_UMEM_SIZE",
        `frameCount ${String(frameCount)} is not a whole number from 2 to ${most}.`,
        { hint: `Choose 2 to ${most} frames of ${frameSize} bytes.` },
      );
    }
    const mostHeadroom = frameSize - XDP_PACKET_HEADROOM - TAILROOM - MIN_PACKET_ROOM;
    if (!Number.isInteger(headroom) || headroom < 0 || headroom > mostHeadroom) {
      throw new XdpError(
        "ERR_XDP_HEADROOM",
        `headroom ${String(headroom)} is not a whole number from 0 to ${mostHeadroom} (frameSize ${frameSize}).`,
      );
    }
    this.frameCount = frameCount;
    this.frameSize = frameSize;
    this.headroom = headroom;
    this.shift = shift;
    this.length = frameCount * frameSize;
  }

  /** Throws ERR_XDP_CHUNK_SIZE when a frame is larger than a page of this machine. */
  checkPageSize(pageSize: number): void {
    if (this.frameSize > pageSize) {
      throw new XdpError(
        "ERR_XDP_CHUNK_SIZE",
        `frameSize ${this.frameSize} is greater than the page size, ${pageSize}.`,
        { hint: `Use a power of two from ${XDP_UMEM_MIN_CHUNK_SIZE} to ${pageSize}.` },
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

  /** The address of a frame's first byte. */
  addressOf(frame: number): number {
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
}
