import type { Fd, Kernel, RingName, XdpStatistics } from "@afxdp/core";
import type {
  AddressConsumer,
  AddressProducer,
  DescriptorConsumer,
  DescriptorProducer,
  RingLayout,
} from "@afxdp/ring";

interface PlayedRing<Peer> {
  readonly words: Int32Array;
  readonly layout: RingLayout;
  /** The kernel's end. */
  readonly peer: Peer;
}

export interface PlayedRings extends Record<RingName, PlayedRing<object>> {
  readonly fill: PlayedRing<AddressConsumer>;
  readonly completion: PlayedRing<AddressProducer>;
  readonly rx: PlayedRing<DescriptorProducer>;
  readonly tx: PlayedRing<DescriptorConsumer>;
}

export interface PlayedKernel {
  readonly kernel: Kernel;
  readonly sockets: Map<Fd, PlayedRings>;
  statistics: XdpStatistics;
  kicks: number;
  /** Called when a socket is kicked to send. */
  onKick: (fd: Fd, times: number) => void;
}

export interface SentDescriptor {
  readonly address: number;
  readonly length: number;
  readonly options: number;
}

export function playKernel(options?: {
  zeroCopy?: boolean;
  segments?: number;
  xsk?: number;
}): PlayedKernel;
export function sendAll(rings: PlayedRings): SentDescriptor[];
export function deliver(
  rings: PlayedRings,
  descriptors: readonly (readonly [address: number, length: number, options?: number])[],
): void;
export function takeFilled(rings: PlayedRings, count: number): number[];
