import { ERRNO, type Fd } from "@afxdp/core";
import type { Addon } from "./addon.js";
import { check } from "./check.js";

/**
 * Puts another program on a link. The kernel says EPERM both when a program other than `expected` is there and when
 * a capability is missing; the programs' ids tell which.
 */
export function updateLink(addon: Addon, link: Fd, program: Fd, expected: Fd): void {
  const result = addon.updateLink(link, program, expected);
  const place = { step: "attach", syscall: "bpf(BPF_LINK_UPDATE)" } as const;
  if (result !== -ERRNO.EPERM || expected === -1) {
    check(result, place);
    return;
  }
  const present = addon.linkProgram(link);
  if (present === idOf(addon, expected)) check(result, place);
  check(result, {
    ...place,
    code: "ERR_XDP_PROGRAM_PRESENT",
    given: `a link that has program ${present}`,
    hint: "Somebody else has put another program on the link: look at it, and update with that as the expected one.",
  });
}

function idOf(addon: Addon, program: Fd): number {
  const info = addon.programInfo(program);
  return typeof info === "number" ? info : info.id;
}
