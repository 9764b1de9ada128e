import { runAll, XdpError } from "@afxdp/core";
import { type BpfSource, openSource } from "../maps/bpf-source.js";
import { afterClosing } from "../program/after-closing.js";
import { type Attachment, makeAttachment } from "./attachment.js";
import { isOneOf } from "./netlink.js";
import { type Place, presentError } from "./present-error.js";
import type { Old } from "./replace-program.js";

/** Puts the program in the place of the expected one on the link that holds it, which stays its owner's. */
export function replaceOnLink(place: Place, old: Old, source: BpfSource): Attachment {
  const { kernel, program } = place;
  const link = openSource(kernel, "link", source);
  const putBack = (): void => {
    try {
      kernel.updateLink(link, old.fd, program);
    } catch (error) {
      // Another program has taken our place, or the interface is gone.
      if (!isOneOf(error, ["ERR_XDP_PROGRAM_PRESENT", "ERR_XDP_DEVICE_GONE"])) throw error;
    }
  };
  const closeLink = (): void => kernel.close(link);
  try {
    checkLink(place, link);
    update(place, old, link);
  } catch (error) {
    throw afterClosing(error, [closeLink]);
  }
  try {
    checkInterface(place, old);
  } catch (error) {
    throw afterClosing(error, [putBack, closeLink]);
  }
  const close = [closeLink, () => kernel.close(old.fd)];
  return makeAttachment(
    { mode: old.attached.mode, by: "link", replaced: old.info.id },
    { detach: () => runAll([putBack, ...close]), release: () => runAll(close) },
  );
}

function update(place: Place, { fd, info }: Old, link: number): void {
  const { kernel, program, interfaceIndex } = place;
  try {
    kernel.updateLink(link, program, fd);
  } catch (error) {
    if (!isOneOf(error, ["ERR_XDP_PROGRAM_PRESENT"])) throw error;
    const why = `The link does not hold program ${info.id} (${info.name}), which was to be replaced.`;
    throw presentError(place, kernel.attachedProgram(interfaceIndex), why, error);
  }
}

/** The same program can be on several interfaces, each with a link of its own. */
function checkLink({ kernel, interfaceIndex, interfaceName }: Place, link: number): void {
  const { fd, interfaceIndex: of } = kernel.adoptBpf(link);
  kernel.close(fd);
  if (of !== 0 && of !== interfaceIndex) throw elsewhere(interfaceName);
}

/** The index may be that of an interface in another network namespace. */
function checkInterface({ kernel, interfaceIndex, interfaceName }: Place, { own }: Old): void {
  if (kernel.attachedProgram(interfaceIndex)?.id !== own.id) throw elsewhere(interfaceName);
}

function elsewhere(interfaceName: string): XdpError {
  return new XdpError(
    "ERR_XDP_ARGUMENT",
    `The link is not one of ${interfaceName}, where the program is that was to be replaced.`,
  );
}
