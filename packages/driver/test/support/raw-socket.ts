import type { BindAddress, Fd, Kernel, RingName, UmemRegistration } from "@afxdp/core";
import { Arena } from "@afxdp/umem";

/** An AF_XDP socket on which any call can be made in any order, to see what the kernel says. */
export class RawSocket {
  readonly fd: Fd;
  readonly arena: Arena = new Arena(65536, 4 * 65536);
  readonly #kernel: Kernel;
  readonly #interfaceIndex: number;
  readonly #mapped: [offset: number, length: number][] = [];

  constructor(kernel: Kernel, interfaceIndex: number) {
    this.#kernel = kernel;
    this.#interfaceIndex = interfaceIndex;
    this.fd = kernel.socket();
  }

  /** Registers 16 frames of 2048 bytes, but for what is given. */
  umem(given: Partial<UmemRegistration> = {}): this {
    this.#kernel.registerUmem(this.fd, this.arena.bytes, {
      ...{ offset: 0, length: 16 * 2048, chunkSize: 2048, headroom: 0, flags: 0 },
      txMetadataLength: 0,
      ...given,
    });
    return this;
  }

  ring(...names: RingName[]): this {
    for (const name of names) this.#kernel.setRingSize(this.fd, name, 16);
    return this;
  }

  size(name: RingName, entries: number): this {
    this.#kernel.setRingSize(this.fd, name, entries);
    return this;
  }

  budget(descriptors: number): this {
    this.#kernel.setTxBudget(this.fd, descriptors);
    return this;
  }

  map(name: RingName, length = 4096): this {
    const offset = this.arena.reserve(length);
    this.#kernel.mapRing(this.fd, name, this.arena.bytes, offset, length);
    this.#mapped.push([offset, length]);
    return this;
  }

  /** A UMEM, all rings, bound in copy mode. */
  whole(queueId: number): this {
    return this.umem().ring("fill", "completion", "rx", "tx").bind({ queueId });
  }

  /** Binds in copy mode, but for what is given. */
  bind(given: Partial<BindAddress> = {}): this {
    this.#kernel.bind(this.fd, {
      ...{ flags: 2, interfaceIndex: this.#interfaceIndex, queueId: 0, sharedUmemFd: 0 },
      ...given,
    });
    return this;
  }

  close(): void {
    for (const [offset, length] of this.#mapped) {
      this.#kernel.unmapRing(this.arena.bytes, offset, length);
    }
    this.#kernel.close(this.fd);
  }
}
