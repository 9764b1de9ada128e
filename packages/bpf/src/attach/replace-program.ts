import { type AttachedProgram, type Fd, type ProgramInfo, runAll, XdpError } from "@afxdp/core";
import { type BpfSource, openSource } from "../maps/bpf-source.js";
import { afterClosing } from "../program/after-closing.js";
import type { AttachPlan } from "./attach-options.js";
import { type Attachment, makeAttachment } from "./attachment.js";
import { isOneOf, MODE_FLAGS, NO_PROGRAM, takeOff } from "./netlink.js";
import { absentError, isSame, type Place, presentError } from "./present-error.js";

/** The program that makes room, open until the attachment ends so that it can be put back. */
interface Old {
  readonly fd: Fd;
  readonly info: ProgramInfo;
  readonly attached: AttachedProgram;
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
    return plan.link === undefined ? onInterface(place, old) : onLink(place, old, plan.link);
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
  if (found === undefined) throw absentError(place, info);
  if (found.id !== info.id) throw presentError(place, found, notExpected(info));
  if (mode !== "auto" && mode !== found.mode) {
    const why = `It runs in mode ${found.mode} and can be replaced in that mode only, not in ${mode}.`;
    throw presentError(place, found, why);
  }
  return { fd, info, attached: found };
}

const notExpected = ({ id, name }: ProgramInfo): string =>
  `It was left alone: it is not program ${id} (${name}), which was to be replaced.`;

function onInterface(place: Place, { fd, info, attached }: Old): Attachment {
  const { kernel, program, interfaceIndex } = place;
  const flags = MODE_FLAGS[attached.mode];
  try {
    kernel.attachByNetlink(interfaceIndex, program, flags, fd);
  } catch (error) {
    if (!isOneOf(error, ["ERR_XDP_PROGRAM_PRESENT"])) throw error;
    throw presentError(place, kernel.attachedProgram(interfaceIndex), undefined, error);
  }
  const isStale = isSame(kernel.programInfo(program), info);
  const close = (): void => kernel.close(fd);
  return makeAttachment(
    { mode: attached.mode, by: "netlink", replaced: info.id },
    {
      detach: () => runAll([() => takeOff(place, flags, isStale ? NO_PROGRAM : fd), close]),
      release: close,
    },
  );
}

function onLink(place: Place, { fd, info, attached }: Old, source: BpfSource): Attachment {
  const { kernel, program, interfaceIndex, interfaceName } = place;
  const link = openSource(kernel, "link", source);
  const putBack = (): void => {
    try {
      kernel.updateLink(link, fd, program);
    } catch (error) {
      // Another program has taken our place, or the interface is gone.
      if (!isOneOf(error, ["ERR_XDP_PROGRAM_PRESENT", "ERR_XDP_DEVICE_GONE"])) throw error;
    }
  };
  try {
    try {
      kernel.updateLink(link, program, fd);
    } catch (error) {
      if (!isOneOf(error, ["ERR_XDP_PROGRAM_PRESENT"])) throw error;
      const why = `The link does not hold program ${info.id} (${info.name}), which was to be replaced.`;
      throw presentError(place, kernel.attachedProgram(interfaceIndex), why, error);
    }
    if (kernel.attachedProgram(interfaceIndex)?.id !== kernel.programInfo(program).id) {
      const other = `The link is not one of ${interfaceName}, although it holds the program that was to be replaced.`;
      throw afterClosing(new XdpError("ERR_XDP_ARGUMENT", other), [putBack]);
    }
  } catch (error) {
    throw afterClosing(error, [() => kernel.close(link)]);
  }
  const close = [() => kernel.close(link), () => kernel.close(fd)];
  return makeAttachment(
    { mode: attached.mode, by: "link", replaced: info.id },
    { detach: () => runAll([putBack, ...close]), release: () => runAll(close) },
  );
}
