import { type BpfKind, type Fd, type Kernel, XdpSystemError } from "@afxdp/core";

/** A pin that was made here, and what was pinned. */
export interface Pin {
  readonly path: string;
  readonly kind: BpfKind;
  readonly id: number;
}

/** Pins what a descriptor stands for. Throws as `kernel.pin`. */
export function makePin(kernel: Kernel, fd: Fd, path: string): Pin {
  const { fd: same, kind, id } = kernel.adoptBpf(fd);
  kernel.close(same);
  kernel.pin(fd, path);
  return { path, kind, id };
}

/** Removes a pin unless it is gone, or somebody has pinned another object there since. Throws as `kernel.unpin`. */
export function removePin(kernel: Kernel, { path, kind, id }: Pin): void {
  const found = openPinned(kernel, path);
  if (found === undefined) return;
  kernel.close(found.fd);
  if (found.kind === kind && found.id === id) kernel.unpin(path);
}

function openPinned(kernel: Kernel, path: string): ReturnType<Kernel["openPinned"]> | undefined {
  try {
    return kernel.openPinned(path);
  } catch (error) {
    if (error instanceof XdpSystemError && error.errnoName === "ENOENT") return undefined;
    throw error;
  }
}
