import {
  type AttachedProgram,
  type Fd,
  isXdpError,
  type Kernel,
  type ProgramInfo,
  XdpProgramPresentError,
} from "@afxdp/core";

const IP_WORD = { drv: "xdpdrv", skb: "xdpgeneric", hw: "xdpoffload" } as const;

/** The interface and the program that was to be attached to it. */
export interface Place {
  readonly kernel: Kernel;
  readonly program: Fd;
  readonly interfaceIndex: number;
  /** For messages only. */
  readonly interfaceName: string;
}

/** The error that names the program in the way; it may have gone meanwhile, then its id is 0. */
export function presentError(
  place: Place,
  found: AttachedProgram | undefined,
  why = "It was left alone.",
  cause?: unknown,
): XdpProgramPresentError {
  const { id = 0, name = "" } = found ?? {};
  const which = id === 0 ? "Another XDP program" : `XDP program ${id}${name && ` (${name})`}`;
  const hint = found === undefined ? {} : { hint: hintFor(place, found) };
  return new XdpProgramPresentError(
    `${which} is attached to ${place.interfaceName}. ${why}`,
    id,
    name,
    cause === undefined ? hint : { ...hint, cause },
  );
}

/** The error for a program that is not there to be replaced. */
export function absentError(place: Place, expected: ProgramInfo): XdpProgramPresentError {
  return new XdpProgramPresentError(
    `XDP program ${expected.id} (${expected.name}) is not attached to ${place.interfaceName}: no program is.`,
    0,
    "",
    { hint: "Attach without `replace`." },
  );
}

function hintFor(place: Place, found: AttachedProgram): string {
  const own = silently(() => place.kernel.programInfo(place.program));
  if (own?.id === found.id) {
    return "It is this very program: enter sockets, and do not attach it a second time.";
  }
  const off =
    `\`ip link set dev ${place.interfaceName} ${IP_WORD[found.mode]} off\`. If that says "active BPF XDP link", ` +
    "end the process that holds the link, or `bpftool link detach id N`, with N from `bpftool link show`.";
  if (
    own === undefined ||
    !isSame(
      own,
      silently(() => infoOf(place.kernel, found.id)),
    )
  ) {
    return `If it may go: ${off}`;
  }
  return (
    "It is the same program as this one, perhaps left by a process that was killed: attach with " +
    `{ by: "netlink", replace: { id: ${found.id} } } to take its place, or ${off}`
  );
}

/** Whether two programs are the same code under the same name. */
export function isSame(one: ProgramInfo, other: ProgramInfo | undefined): boolean {
  return one.name === other?.name && one.tag === other.tag;
}

function infoOf(kernel: Kernel, id: number): ProgramInfo {
  const program = kernel.openBpf("program", id);
  try {
    return kernel.programInfo(program);
  } finally {
    kernel.close(program);
  }
}

/** For what only helps a message: it needs CAP_SYS_ADMIN, and the program may have gone. */
function silently<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    if (isXdpError(error)) return undefined;
    throw error;
  }
}
