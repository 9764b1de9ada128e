import {
  type Fd,
  type Kernel,
  type UmemRegistration,
  XDP_UMEM_TX_METADATA_LEN,
  XdpSystemError,
} from "@afxdp/core";
import type { FrameGeometry, Umem } from "@afxdp/umem";
import { requireFeature } from "../features/probe-features.js";

/** Asks the kernel for what the frames need of it. @throws XdpFeatureError */
export function checkUmemFeatures(kernel: Kernel, geometry: FrameGeometry): void {
  if (geometry.unaligned) requireFeature(kernel, "unaligned");
  if (geometry.txMetadataLength > 0) requireFeature(kernel, "txMetadata");
}

/** Registers a UMEM with its socket. @throws XdpSystemError at step umem, XdpMemlockError */
export function registerUmem(kernel: Kernel, fd: Fd, umem: Umem): void {
  const { geometry, arena, offset } = umem;
  const registration: UmemRegistration = {
    offset,
    length: geometry.length,
    chunkSize: geometry.frameSize,
    headroom: geometry.headroom,
    flags: geometry.flags,
    txMetadataLength: geometry.txMetadataLength,
  };
  try {
    kernel.registerUmem(fd, arena.bytes, registration);
  } catch (error) {
    // The first kernels with TX metadata take the length without a flag, which they refuse.
    const flag = geometry.flags & XDP_UMEM_TX_METADATA_LEN;
    if (flag === 0 || !(error instanceof XdpSystemError) || error.errnoName !== "EINVAL") {
      throw error;
    }
    kernel.registerUmem(fd, arena.bytes, { ...registration, flags: geometry.flags & ~flag });
  }
}
