import { type Fd, type Kernel, XDP_COPY } from "@afxdp/core";
import { DescriptorProducer } from "@afxdp/ring";
import { Umem } from "@afxdp/umem";
import type { UmemSetup } from "afxdp";

/** What goes into the tx ring. */
export type Descriptor = readonly [address: number, length: number, options: number];

const ENTRIES = 32;

/** A socket that sends whatever descriptors it is given, right or wrong, to see what the kernel says. */
export class RawSender {
  readonly umem: Umem;
  readonly fd: Fd;
  readonly tx: DescriptorProducer;
  readonly #unmap: () => void;
  readonly #kernel: Kernel;

  constructor(kernel: Kernel, device: string, frames: UmemSetup) {
    this.#kernel = kernel;
    this.umem = new Umem(frames);
    const { geometry, arena, offset } = this.umem;
    const fd = kernel.socket();
    this.fd = fd;
    kernel.registerUmem(fd, arena.bytes, {
      ...{ offset, length: geometry.length, chunkSize: geometry.frameSize },
      ...{ headroom: geometry.headroom, flags: geometry.flags },
      txMetadataLength: geometry.txMetadataLength,
    });
    for (const ring of ["fill", "completion", "tx"] as const) {
      kernel.setRingSize(fd, ring, ENTRIES);
    }
    const { tx } = kernel.mmapOffsets(fd);
    const length = kernel.pageSize;
    const at = arena.reserve(length);
    kernel.mapRing(fd, "tx", arena.bytes, at, length);
    this.#unmap = () => kernel.unmapRing(arena.bytes, at, length);
    this.tx = new DescriptorProducer(arena.words, {
      entries: ENTRIES,
      ...{ producer: at + tx.producer, consumer: at + tx.consumer },
      ...{ flags: at + tx.flags, desc: at + tx.desc },
    });
    const { index } = kernel.interfaceState(device);
    this.#bind(index);
  }

  #bind(interfaceIndex: number): void {
    const until = performance.now() + 2000;
    for (;;) {
      try {
        const address = { flags: XDP_COPY, interfaceIndex, queueId: 0, sharedUmemFd: 0 };
        this.#kernel.bind(this.fd, address);
        return;
      } catch (error) {
        // The socket of the test before lets go a moment later.
        if (performance.now() > until) throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      }
    }
  }

  /** Puts descriptors in the ring, as they are. */
  submit(descriptors: readonly Descriptor[]): void {
    if (this.tx.reserve(descriptors.length) < descriptors.length) throw new Error("no room");
    for (const [i, [address, length, options]] of descriptors.entries()) {
      this.tx.set(i, address, length, options);
    }
    this.tx.submit(descriptors.length);
  }

  close(): void {
    this.#unmap();
    this.#kernel.close(this.fd);
  }
}
