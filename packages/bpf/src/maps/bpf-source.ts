import { type BpfKind, checkCount, type Fd, type Kernel, XdpError } from "@afxdp/core";
import { afterClosing } from "../program/after-closing.js";

/**
 * Where a program, map or link that exists already is got from: by the kernel's id (as `bpftool` shows it), a
 * descriptor that this process has open, or the path that it is pinned at.
 */
export type BpfSource =
  | { readonly id: number }
  | { readonly descriptor: number }
  | { readonly pin: string };

const WAYS: readonly string[] = ["id", "descriptor", "pin"];
const MAX_ID = 0xffff_ffff;
const MAX_DESCRIPTOR = 0x7fff_ffff;

/**
 * Checks a source from wherever it comes, without a system call.
 *
 * @throws XdpError ERR_XDP_ARGUMENT
 */
export function checkSource(what: string, source: BpfSource): void {
  const given = typeof source === "object" && source !== null ? Object.keys(source) : [];
  const [way] = given;
  if (way === undefined || given.length !== 1 || !WAYS.includes(way)) {
    throw new XdpError(
      "ERR_XDP_ARGUMENT",
      `The ${what} is not given by one of id, descriptor, pin.`,
      {
        hint: 'Pass { id: 12 }, { descriptor: 5 } or { pin: "/sys/fs/bpf/name" }.',
      },
    );
  }
  if ("pin" in source) checkPath(`pin of the ${what}`, source.pin);
  else if ("id" in source) checkCount(`id of the ${what}`, source.id, MAX_ID);
  else checkCount(`descriptor of the ${what}`, source.descriptor, MAX_DESCRIPTOR);
}

/** @throws XdpError ERR_XDP_ARGUMENT unless it is an absolute path */
export function checkPath(what: string, path: string): void {
  if (typeof path !== "string" || !path.startsWith("/") || path.includes("\0")) {
    throw new XdpError("ERR_XDP_ARGUMENT", `The ${what} is no absolute path: ${String(path)}.`, {
      hint: "Name a file on a BPF file system, usually below /sys/fs/bpf.",
    });
  }
}

/**
 * Opens what a source names; the caller owns the descriptor. By id needs CAP_SYS_ADMIN.
 *
 * @throws XdpError ERR_XDP_ARGUMENT when it is of another kind, ERR_XDP_PERMISSION, ERR_XDP_SYSCALL
 */
export function openSource(kernel: Kernel, kind: BpfKind, source: BpfSource): Fd {
  if ("id" in source) return kernel.openBpf(kind, source.id);
  const found =
    "pin" in source ? kernel.openPinned(source.pin) : kernel.adoptBpf(source.descriptor);
  if (found.kind === kind) return found.fd;
  const wrong = new XdpError(
    "ERR_XDP_ARGUMENT",
    `${show(source)} is a ${found.kind}, not a ${kind}.`,
  );
  throw afterClosing(wrong, [() => kernel.close(found.fd)]);
}

function show(source: BpfSource): string {
  if ("pin" in source) return source.pin;
  return "id" in source ? `id ${source.id}` : `descriptor ${source.descriptor}`;
}
