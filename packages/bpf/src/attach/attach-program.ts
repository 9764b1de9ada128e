import {
  type AttachedProgram,
  type Fd,
  type Kernel,
  runAll,
  XDP_FLAGS_UPDATE_IF_NOEXIST,
} from "@afxdp/core";
import { afterClosing } from "../program/after-closing.js";
import { makePin, type Pin, removePin } from "../program/pin.js";
import {
  type AttachMode,
  type AttachOptions,
  type AttachPlan,
  planAttach,
} from "./attach-options.js";
import { type AttachedMode, type Attachment, makeAttachment } from "./attachment.js";
import { isOneOf, MODE_FLAGS, NO_PROGRAM, sameNamespace, takeOff } from "./netlink.js";
import { type Place, presentError } from "./present-error.js";
import { replaceProgram } from "./replace-program.js";

const MODES: Readonly<Record<AttachMode, readonly AttachedMode[]>> = {
  auto: ["drv", "skb"],
  drv: ["drv"],
  skb: ["skb"],
  hw: ["hw"],
};

/**
 * Attaches a loaded XDP program to an interface. `auto` goes on from `drv` to `skb` only when the driver cannot run it
 * (ERR_XDP_ATTACH: it has no XDP, not at this MTU, or not with its present settings); when `skb` fails too, the error
 * for `drv` is the `cause`. A program that is there already is left alone, unless `replace` names just that one.
 *
 * @param interfaceIndex in the network namespace of the calling thread
 * @param interfaceName for messages only
 * @throws XdpError ERR_XDP_ARGUMENT and ERR_XDP_CONFLICT before any system call; ERR_XDP_PROGRAM_PRESENT, also when
 *   `replace` is not what is there; ERR_XDP_ATTACH, ERR_XDP_PERMISSION, ERR_XDP_NO_DEVICE
 */
export function attachProgram(
  kernel: Kernel,
  program: Fd,
  interfaceIndex: number,
  interfaceName: string,
  options: AttachMode | AttachOptions = "auto",
): Attachment {
  const plan = planAttach(options);
  const place = { kernel, program, interfaceIndex, interfaceName };
  // Beforehand, because what the kernel answers to a second program depends on how the first was attached.
  const found = kernel.attachedProgram(interfaceIndex);
  if (plan.replace !== undefined) return replaceProgram(place, plan, plan.replace, found);
  if (found !== undefined && isInTheWay(found, plan.mode)) throw presentError(place, found);
  let refusal: unknown;
  for (const mode of MODES[plan.mode]) {
    try {
      return plan.by === "link" ? byLink(place, mode, plan) : byNetlink(place, mode);
    } catch (error) {
      if (isOneOf(error, ["ERR_XDP_PROGRAM_PRESENT"])) {
        throw presentError(place, kernel.attachedProgram(interfaceIndex), undefined, error);
      }
      if (error instanceof Error && refusal !== undefined) error.cause = refusal;
      if (!isOneOf(error, ["ERR_XDP_ATTACH"])) throw error;
      refusal = error;
    }
  }
  throw refusal;
}

/** A program on the card and one on the host can be there together. */
function isInTheWay(found: AttachedProgram, mode: AttachMode): boolean {
  return (found.mode === "hw") === (mode === "hw");
}

function byLink(place: Place, mode: AttachedMode, { pin }: AttachPlan): Attachment {
  const { kernel, program, interfaceIndex } = place;
  const link = kernel.attachProgram(program, interfaceIndex, MODE_FLAGS[mode]);
  if (pin === undefined) {
    const close = (): void => kernel.close(link);
    return makeAttachment({ mode, by: "link" }, { detach: close, release: close });
  }
  let made: Pin;
  try {
    made = makePin(kernel, link, pin);
  } catch (error) {
    throw afterClosing(error, [() => kernel.close(link)]);
  }
  return makeAttachment(
    { mode, by: "link", pin },
    {
      // In this order: of a pin that is the last to hold a link the kernel lets go only later.
      detach: () => runAll([() => removePin(kernel, made), () => kernel.close(link)]),
      release: () => kernel.close(link),
    },
  );
}

function byNetlink(place: Place, mode: AttachedMode): Attachment {
  const { kernel, program, interfaceIndex } = place;
  const flags = MODE_FLAGS[mode];
  const check = sameNamespace(place);
  kernel.attachByNetlink(interfaceIndex, program, flags | XDP_FLAGS_UPDATE_IF_NOEXIST, NO_PROGRAM);
  return makeAttachment(
    { mode, by: "netlink" },
    { check, detach: () => takeOff(place, flags, NO_PROGRAM), release: () => undefined },
  );
}
