import { type AttachedProgram, type Fd, type ProgramInfo, runAll } from "@afxdp/core";
import { type BpfSource, openSource } from "../maps/bpf-source.js";
import { afterClosing } from "../program/after-closing.js";
import type { AttachPlan } from "./attach-options.js";
import { type Attachment, makeAttachment } from "./attachment.js";
import { isOneOf, MODE_FLAGS, NO_PROGRAM, sameNamespace, takeOff } from "./netlink.js";
import { absentError, isSame, type Place, presentError } from "./present-error.js";
import { replaceOnLink } from "./replace-on-link.js";

/** The program that makes room, open until the attachment ends so that it can be put back. */
export interface Old {
  readonly fd: Fd;
  readonly info: ProgramInfo;
  readonly attached: AttachedProgram;
  /** Ours, which takes its place. */
  readonly own: ProgramInfo;
}

/** Puts the program in the place of the expected one, if that is what is attached. */
export function replaceProgram(
  place: Place,
  plan: AttachPlan,
  expected: BpfSource,
  found: AttachedProgram | undefined,
): Attachment {
  const { kernel } = place;
  const fd = openSource(kernel, "program", expected);
  try {
    const old = checkExpected(place, plan, fd, found);
    return plan.link === undefined ? onInterface(place, old) : replaceOnLink(place, old, plan.link);
  } catch (error) {
    throw afterClosing(error, [() => kernel.close(fd)]);
  }
}

function checkExpected(
  place: Place,
  { mode }: AttachPlan,
  fd: Fd,
  found: AttachedProgram | undefined,
): Old {
  const info = place.kernel.programInfo(fd);
  const own = place.kernel.programInfo(place.program);
  if (found === undefined) throw absentError(place, info);
  if (found.id === own.id) throw presentError(place, found);
  if (found.id !== info.id) throw presentError(place, found, notExpected(info));
  if (mode !== "auto" && mode !== found.mode) {
    const why = `It runs in mode ${found.mode} and can be replaced in that mode only, not in ${mode}.`;
    throw presentError(place, found, why);
  }
  return { fd, info, attached: found, own };
}

const notExpected = ({ id, name }: ProgramInfo): string =>
  `It was left alone: it is not program ${id} (${name}), which was to be replaced.`;

function onInterface(place: Place, { fd, info, attached, own }: Old): Attachment {
  const { kernel, program, interfaceIndex } = place;
  const flags = MODE_FLAGS[attached.mode];
  const check = sameNamespace(place);
  try {
    kernel.attachByNetlink(interfaceIndex, program, flags, fd);
  } catch (error) {
    if (!isOneOf(error, ["ERR_XDP_PROGRAM_PRESENT"])) throw error;
    throw presentError(place, kernel.attachedProgram(interfaceIndex), undefined, error);
  }
  const successor = isSame(own, info) ? NO_PROGRAM : fd;
  const close = (): void => kernel.close(fd);
  return makeAttachment(
    { mode: attached.mode, by: "netlink", replaced: info.id },
    {
      check,
      detach: () => runAll([() => takeOff(place, flags, successor), close]),
      release: close,
    },
  );
}
