import type { Kernel } from "@afxdp/core";
import {
  type BindOptions,
  beginSetup,
  type NeedsBind,
  type ReadySocket,
  type SharingOwner,
  type UmemSetup,
  XdpSocket,
} from "@afxdp/driver";

/** What a test wants of its socket. */
export interface Wanted {
  readonly queue?: number;
  readonly umem?: Partial<UmemSetup>;
  readonly bind?: BindOptions;
  /** Both by default. */
  readonly rings?: "rx" | "tx";
  /** Shares the UMEM of this one. */
  readonly umemOf?: SharingOwner;
  /** Shares the queue of this one. */
  readonly queueOf?: SharingOwner;
}

/** Takes the steps up to `bind`: 64 frames, rings of 16. */
export function prepare(kernel: Kernel, device: string, wanted: Wanted = {}): NeedsBind {
  const { queue = 0, umem, rings, umemOf, queueOf } = wanted;
  const needsUmem = beginSetup(kernel, device, queue).socket();
  const sizedFill = () =>
    umemOf === undefined
      ? needsUmem.umem({ frameCount: 64, ...umem })
      : needsUmem.shareUmem(umemOf);
  const needsRings =
    queueOf === undefined ? sizedFill().fill(16).completion(16) : needsUmem.shareQueue(queueOf);
  if (rings === "tx") return needsRings.tx(16).map().prefill();
  const received = needsRings.rx(16);
  return (rings === "rx" ? received : received.tx(16)).map().prefill();
}

/** Takes all steps but a program's. */
export async function ready(
  kernel: Kernel,
  device: string,
  wanted: Wanted = {},
): Promise<ReadySocket> {
  return (await prepare(kernel, device, wanted).bind(wanted.bind)).mode();
}

/** The same as a socket. */
export async function open(
  kernel: Kernel,
  device: string,
  wanted: Wanted = {},
): Promise<XdpSocket> {
  return new XdpSocket(await ready(kernel, device, wanted));
}
