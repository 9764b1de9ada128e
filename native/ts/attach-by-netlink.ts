import { ERRNO, type Fd, XdpSystemError } from "@afxdp/core";
import type { Addon, LoggedFailure } from "./addon.js";
import type { Place } from "./check.js";

/** Before what the kernel says in an extended acknowledgement (libbpf, nlattr.c). */
const KERNEL_SAYS = /Kernel error message: (.*)/;

/** Puts a program on an interface over netlink, or takes what is there away with `program` -1. */
export function attachByNetlink(
  addon: Addon,
  interfaceIndex: number,
  program: Fd,
  flags: number,
  expected: Fd,
): void {
  const result = addon.setXdp(interfaceIndex, program, flags, expected);
  if (result === 0) return;
  const place: Place = {
    step: program === -1 ? "detach" : "attach",
    syscall: "rtnetlink(RTM_SETLINK)",
    given: `interface ${interfaceIndex}`,
  };
  if (typeof result === "number") throw new XdpSystemError({ ...place, errno: result });
  throw explained(place, result, expected !== -1);
}

/** The error, with the words of the kernel or the driver in its hint. */
function explained(
  place: Place,
  { errno, log }: LoggedFailure,
  expecting: boolean,
): XdpSystemError {
  const plain = new XdpSystemError({ ...place, errno });
  const words = KERNEL_SAYS.exec(log)?.[1];
  const unexpected =
    expecting && errno === -ERRNO.EEXIST
      ? "The program attached now is not the expected one: look with `bpftool net`, and expect what is there."
      : undefined;
  const hint = unexpected ?? plain.hint;
  if (words === undefined) return new XdpSystemError({ ...place, errno, hint });
  return new XdpSystemError({ ...place, errno, hint: `${hint} The kernel says: ${words}` });
}
