import { checkOptions, XdpError } from "@afxdp/core";

/** A size of huge pages. */
export type HugePages = "2M" | "1G";

/** Bytes of a huge page. */
export const HUGE_PAGE_SIZE: Readonly<Record<HugePages, number>> = { "2M": 2 ** 21, "1G": 2 ** 30 };

/** The memory under a UMEM. It is taken away with the socket: the frames' bytes read as zeros then. */
export interface MemoryOptions {
  /** Huge pages of this size; smaller pages where there are not enough. The UMEM's memory is whole pages of them. */
  readonly hugePages?: HugePages | undefined;
  /** ERR_XDP_HUGE_PAGES instead of smaller pages. Default false. */
  readonly required?: boolean | undefined;
  /**
   * Memory that can be handed to another process: true makes a memfd, a number is the descriptor of one that is open
   * in this process and stays its owner's. Default false.
   */
  readonly shared?: boolean | number | undefined;
  /** Has the pages come from this NUMA node, or from that of the interface's device, as far as it has room. */
  readonly node?: "interface" | number | undefined;
}

/** Greatest number of a NUMA node in Linux (CONFIG_NODES_SHIFT is at most 10). */
const MAX_NODE = 1023;

/** @throws XdpError ERR_XDP_ARGUMENT, ERR_XDP_CONFLICT */
export function checkMemoryOptions(options: MemoryOptions): MemoryOptions {
  checkOptions("memory", options, ["hugePages", "required", "shared", "node"]);
  const { hugePages, required, shared, node } = options;
  if (hugePages !== undefined && !Object.hasOwn(HUGE_PAGE_SIZE, hugePages)) {
    throw wrong("hugePages", hugePages, '"2M" or "1G"');
  }
  if (required !== undefined && typeof required !== "boolean") {
    throw wrong("required", required, "a boolean");
  }
  if (required === true && hugePages === undefined) {
    throw new XdpError("ERR_XDP_CONFLICT", "memory.required is given without hugePages.", {
      hint: "Say which huge pages are required.",
    });
  }
  const isDescriptor = Number.isInteger(shared) && (shared as number) >= 0;
  if (shared !== undefined && typeof shared !== "boolean" && !isDescriptor) {
    throw wrong("shared", shared, "a boolean or a descriptor");
  }
  const isNode = Number.isInteger(node) && (node as number) >= 0 && (node as number) <= MAX_NODE;
  if (node !== undefined && node !== "interface" && !isNode) {
    throw wrong("node", node, `"interface" or a whole number from 0 to ${MAX_NODE}`);
  }
  return options;
}

function wrong(name: string, value: unknown, what: string): XdpError {
  return new XdpError("ERR_XDP_ARGUMENT", `memory.${name} ${String(value)} is not ${what}.`);
}
