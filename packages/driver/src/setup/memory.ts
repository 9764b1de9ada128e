import { checkOptions, type Fd, type Kernel, runAll, XdpError, XdpSystemError } from "@afxdp/core";
import { type FrameGeometry, type FrameOptions, planFrames, RINGS_LENGTH, Umem } from "@afxdp/umem";
import {
  checkMemoryOptions,
  HUGE_PAGE_SIZE,
  type HugePages,
  type MemoryOptions,
} from "./memory-options.js";

/** What a UMEM is made from: its frames, the room for rings behind them, and the memory under them. */
export interface UmemSetup extends FrameOptions {
  /** How many other sockets will share the UMEM at a time: makes room for their rings, too. Default 0. */
  readonly sharers?: number | undefined;
  /** Bytes behind the frames for rings, instead of `sharers`. */
  readonly ringsLength?: number | undefined;
  /** Ordinary pages of this process when absent. */
  readonly memory?: MemoryOptions | undefined;
}

/** What the frames of a UMEM lie in. */
export interface MemoryOutcome {
  /** Bytes of a page. */
  readonly pageSize: number;
  /** The huge pages that were asked for. */
  readonly requested: HugePages | undefined;
  /** Why they are not what was asked for: the name of an errno. */
  readonly reason: string | undefined;
  /** The NUMA node that the pages were asked from; none when none was wanted, or when the device has none. */
  readonly node: number | undefined;
  /** The descriptor of the shared memory; it is closed with the socket. The first frame is at its first byte. */
  readonly memoryFd: Fd | undefined;
}

/** A UMEM to be, and the memory that goes under it. Nothing is mapped yet. */
export interface MemoryPlan {
  readonly umem: Umem;
  /** Bytes to map, whole pages. */
  readonly length: number;
  readonly hugePages: HugePages | undefined;
  readonly required: boolean;
  readonly shared: boolean | number;
  readonly node: number | undefined;
}

/** Most sharers that there can be room for: the rings of each take 4 MiB of 4 GiB at most. */
const MAX_SHARERS = 1000;

/**
 * Plans a UMEM and reserves its arena; asks the kernel for nothing but where things are.
 *
 * @throws XdpError ERR_XDP_ARGUMENT, ERR_XDP_CONFLICT, ERR_XDP_ARENA, and as `planFrames`
 */
export function planMemory(
  kernel: Kernel,
  interfaceName: string,
  options: UmemSetup | Umem,
): MemoryPlan {
  if (options instanceof Umem) {
    options.geometry.checkPageSize(kernel.pageSize);
    if (options.offset % kernel.pageSize !== 0) {
      throw new XdpError(
        "ERR_XDP_ARENA",
        `The frames begin at ${options.offset} in their arena, which is within a page.`,
        { hint: `Place them at a multiple of ${kernel.pageSize}.` },
      );
    }
    return ordinary(options);
  }
  const geometry = checkUmemSetup(options);
  geometry.checkPageSize(kernel.pageSize);
  const { memory, sharers, ...frames } = options;
  const sized = { ...frames, ringsLength: ringsLengthOf(options) };
  if (memory === undefined) return ordinary(new Umem(sized));
  const { hugePages, required = false, shared = false, node } = memory;
  const page = hugePages === undefined ? kernel.pageSize : HUGE_PAGE_SIZE[hugePages];
  const length = Math.ceil(geometry.length / page) * page;
  const slack = length - geometry.length + page - kernel.pageSize;
  const placement = {
    slack,
    offsetIn: ({ bytes }: Umem["arena"]) => kernel.alignmentOffset(bytes, page),
  };
  const wanted = node === "interface" ? kernel.interfaceNode(interfaceName) : (node ?? -1);
  return {
    umem: new Umem({ ...sized, placement }),
    length,
    hugePages,
    required,
    shared,
    node: wanted < 0 ? undefined : wanted,
  };
}

/**
 * Checks what a UMEM is made from, without a system call; only the page size is the kernel's to know. Returns how its
 * frames lie.
 *
 * @throws XdpError ERR_XDP_ARGUMENT, ERR_XDP_CONFLICT, and as `planFrames`
 */
export function checkUmemSetup(options: UmemSetup): FrameGeometry {
  checkOptions("umem", options, UMEM_OPTIONS);
  const { memory, sharers, ...frames } = options;
  ringsLengthOf(options);
  if (memory !== undefined) checkMemoryOptions(memory);
  return planFrames(frames);
}

const UMEM_OPTIONS = [
  ...["frameCount", "frameSize", "headroom", "unaligned", "txMetadata"],
  ...["ringsLength", "sharers", "memory"],
];

function ordinary(umem: Umem): MemoryPlan {
  const { length } = umem.geometry;
  return { umem, length, hugePages: undefined, required: false, shared: false, node: undefined };
}

function ringsLengthOf({ ringsLength, sharers }: UmemSetup): number {
  if (sharers === undefined) return ringsLength ?? RINGS_LENGTH;
  if (ringsLength !== undefined) {
    throw new XdpError("ERR_XDP_CONFLICT", "umem is given both ringsLength and sharers.", {
      hint: "Give the number of sharers, which makes room for rings of any size, or the bytes.",
    });
  }
  if (!Number.isInteger(sharers) || sharers < 0 || sharers > MAX_SHARERS) {
    throw new XdpError(
      "ERR_XDP_ARGUMENT",
      `sharers ${String(sharers)} is not a whole number from 0 to ${MAX_SHARERS}.`,
    );
  }
  return (sharers + 1) * RINGS_LENGTH;
}

/** Memory under a UMEM, and how to take it away again. */
export interface MappedMemory {
  readonly outcome: MemoryOutcome;
  /** Maps zero pages over it and closes its descriptor; throws the first error after trying both. */
  unmap(): void;
}

/**
 * Puts the planned memory under a UMEM: huge pages of the size that was asked for, or smaller ones unless it is
 * required. When it fails, nothing stays.
 *
 * @throws XdpError ERR_XDP_HUGE_PAGES, ERR_XDP_ARGUMENT for a descriptor that is no memory of this kind;
 * XdpSystemError at step memory
 */
export function mapMemory(kernel: Kernel, plan: MemoryPlan): MappedMemory {
  const undos: (() => void)[] = [];
  const unmap = (): void => runAll(undos.splice(0).reverse());
  try {
    const { pageSize, reason, memoryFd } = mapPages(kernel, plan, undos);
    const { hugePages: requested, node, umem } = plan;
    if (node !== undefined) {
      kernel.preferNode(umem.arena.bytes, umem.offset, wholePages(plan, kernel.pageSize), node);
    }
    return { outcome: { pageSize, requested, reason, node, memoryFd }, unmap };
  } catch (error) {
    const rethrow = (): never => {
      throw error;
    };
    runAll([rethrow, unmap]);
    throw error;
  }
}

interface Pages {
  readonly pageSize: number;
  readonly reason: string | undefined;
  readonly memoryFd: Fd | undefined;
}

function mapPages(kernel: Kernel, plan: MemoryPlan, undos: (() => void)[]): Pages {
  let reason: string | undefined;
  for (const pageSize of sizesToTry(plan)) {
    const attempt: (() => void)[] = [];
    try {
      const memoryFd = mapPagesOf(kernel, plan, pageSize, attempt);
      undos.push(...attempt);
      return { pageSize, reason, memoryFd };
    } catch (error) {
      runAll(attempt.reverse());
      const short = error instanceof XdpSystemError && error.code === "ERR_XDP_HUGE_PAGES";
      if (!short || plan.required || typeof plan.shared === "number") throw error;
      reason ??= error.errnoName;
    }
  }
  const memoryFd = mapPagesOf(kernel, plan, 0, undos);
  return { pageSize: kernel.pageSize, reason, memoryFd };
}

/** The sizes of huge pages to try, the greatest first. */
function sizesToTry({ hugePages, required }: MemoryPlan): number[] {
  if (hugePages === undefined) return [];
  const size = HUGE_PAGE_SIZE[hugePages];
  return size === HUGE_PAGE_SIZE["1G"] && !required ? [size, HUGE_PAGE_SIZE["2M"]] : [size];
}

/** Maps pages of a size, 0 for ordinary ones; notes what undoes it. Returns the descriptor where there is one. */
function mapPagesOf(
  kernel: Kernel,
  plan: MemoryPlan,
  hugePageSize: number,
  undos: (() => void)[],
): Fd | undefined {
  const { umem, shared } = plan;
  if (shared === false && hugePageSize === 0) return undefined;
  const length = wholePages(plan, hugePageSize === 0 ? kernel.pageSize : hugePageSize);
  let memory: Fd | undefined;
  if (shared !== false) {
    memory =
      shared === true
        ? kernel.createMemory("afxdp-umem", length, hugePageSize)
        : kernel.adoptMemory(shared);
    const opened = memory;
    undos.push(() => kernel.close(opened));
  }
  const { bytes } = umem.arena;
  try {
    kernel.mapMemory(bytes, umem.offset, length, memory ?? -1, hugePageSize);
  } catch (cause) {
    throw typeof shared === "number" ? unfit(shared, length, hugePageSize, cause) : cause;
  }
  undos.push(() => kernel.unmapMemory(bytes, umem.offset, length));
  return memory;
}

function wholePages({ umem }: MemoryPlan, page: number): number {
  return Math.ceil(umem.geometry.length / page) * page;
}

function unfit(fd: number, length: number, hugePageSize: number, cause: unknown): XdpError {
  const pages = hugePageSize === 0 ? "ordinary pages" : `pages of ${hugePageSize} bytes`;
  return new XdpError(
    "ERR_XDP_ARGUMENT",
    `The memory of descriptor ${fd} cannot hold this UMEM: ${length} bytes in ${pages} are needed.`,
    { cause, hint: "Make it long enough, and name its pages with hugePages." },
  );
}
