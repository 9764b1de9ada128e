import {
  type AttachedProgram,
  type Fd,
  isXdpError,
  type Kernel,
  XDP_FLAGS_DRV_MODE,
  XDP_FLAGS_SKB_MODE,
  XdpError,
  XdpProgramPresentError,
} from "@afxdp/core";

/** `drv` runs the program in the driver, `skb` in the kernel's stack; `auto` tries them in this order. */
export type AttachMode = "auto" | "drv" | "skb";

/** A program on an interface. It stays until detached, or until the process ends, however it ends. */
export interface Attachment {
  /** Where the program runs. */
  readonly mode: "drv" | "skb";
  /** Takes the program off the interface; idempotent. */
  detach(): void;
}

const FLAGS = { drv: XDP_FLAGS_DRV_MODE, skb: XDP_FLAGS_SKB_MODE } as const;
const MODES: Readonly<Record<AttachMode, readonly Attachment["mode"][]>> = {
  auto: ["drv", "skb"],
  drv: ["drv"],
  skb: ["skb"],
};

/**
 * Attaches a loaded XDP program to an interface, by a link. `auto` goes on from `drv` to `skb` only when the driver
 * cannot run it (ERR_XDP_ATTACH: it has no XDP, not at this MTU, or not with its present settings); when `skb` fails
 * too, the error for `drv` is the `cause`. A program that is there already is left alone.
 *
 * @param interfaceIndex in the network namespace of the calling thread
 * @param interfaceName for messages only
 * @throws XdpError ERR_XDP_PROGRAM_PRESENT, ERR_XDP_ATTACH, ERR_XDP_PERMISSION, ERR_XDP_NO_DEVICE, ERR_XDP_ARGUMENT
 */
export function attachProgram(
  kernel: Kernel,
  program: Fd,
  interfaceIndex: number,
  interfaceName: string,
  mode: AttachMode = "auto",
): Attachment {
  if (!Object.hasOwn(MODES, mode)) {
    throw new XdpError("ERR_XDP_ARGUMENT", `mode ${String(mode)} is not auto, drv or skb.`);
  }
  // Beforehand, because what the kernel answers to a second program depends on how the first was attached.
  const found = kernel.attachedProgram(interfaceIndex);
  if (found !== undefined) throw presentError(interfaceName, found);
  let refusal: unknown;
  for (const tried of MODES[mode]) {
    try {
      return attachment(kernel, kernel.attachProgram(program, interfaceIndex, FLAGS[tried]), tried);
    } catch (error) {
      if (codeOf(error) === "ERR_XDP_PROGRAM_PRESENT") {
        throw presentError(interfaceName, kernel.attachedProgram(interfaceIndex), error);
      }
      if (error instanceof Error && refusal !== undefined) error.cause = refusal;
      if (codeOf(error) !== "ERR_XDP_ATTACH") throw error;
      refusal = error;
    }
  }
  throw refusal;
}

function attachment(kernel: Kernel, link: Fd, mode: Attachment["mode"]): Attachment {
  let attached = true;
  return {
    mode,
    detach() {
      if (!attached) return;
      attached = false;
      kernel.close(link);
    },
  };
}

const IP_WORD = { drv: "xdpdrv", skb: "xdpgeneric", hw: "xdpoffload" } as const;

/** The error that names the program in the way; it may have gone meanwhile, then its id is 0. */
function presentError(
  interfaceName: string,
  found: AttachedProgram | undefined,
  cause?: unknown,
): XdpProgramPresentError {
  const { id = 0, name = "", mode = "drv" } = found ?? {};
  const which = id === 0 ? "Another XDP program" : `XDP program ${id}${name && ` (${name})`}`;
  const hint =
    `If it may go: \`ip link set dev ${interfaceName} ${IP_WORD[mode]} off\`. If that says "active BPF XDP link", ` +
    "end the process that holds the link, or `bpftool link detach id N`, with N from `bpftool link show`.";
  return new XdpProgramPresentError(
    `${which} is attached to ${interfaceName}. It was left alone.`,
    id,
    name,
    cause === undefined ? { hint } : { hint, cause },
  );
}

function codeOf(error: unknown): string | undefined {
  return isXdpError(error) ? error.code : undefined;
}
