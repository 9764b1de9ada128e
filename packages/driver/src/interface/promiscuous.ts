import { checkCount, type Fd, type Kernel } from "@afxdp/core";

/** Keeps an interface in promiscuous mode: until it is closed, or the process ends in whatever way. */
export class PromiscuousMode implements Disposable {
  readonly interfaceIndex: number;
  readonly #kernel: Kernel;
  #fd: Fd;

  /** For {@link promiscuous}, which makes it. */
  constructor(kernel: Kernel, interfaceIndex: number) {
    this.interfaceIndex = interfaceIndex;
    this.#kernel = kernel;
    this.#fd = kernel.promiscuous(interfaceIndex);
  }

  get closed(): boolean {
    return this.#fd === -1;
  }

  /** Leaves the mode, unless somebody else asked for it, too. Idempotent; works also when the device is gone. */
  close(): void {
    if (this.#fd === -1) return;
    const fd = this.#fd;
    this.#fd = -1;
    this.#kernel.close(fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

const MAX_INDEX = 0x7fff_ffff;

/**
 * Puts an interface in promiscuous mode, in which the card passes on packets for every address. It is bound to a
 * descriptor, so it ends with the process at the latest; the kernel counts those who ask (net/packet/af_packet.c).
 *
 * @param interfaceIndex as in `socket.target.interfaceIndex`, in the calling thread's network namespace
 * @throws XdpError ERR_XDP_ARGUMENT, ERR_XDP_NO_DEVICE, ERR_XDP_PERMISSION (it takes CAP_NET_RAW)
 */
export function promiscuous(kernel: Kernel, interfaceIndex: number): PromiscuousMode {
  checkCount("interfaceIndex", interfaceIndex, MAX_INDEX);
  return new PromiscuousMode(kernel, interfaceIndex);
}
