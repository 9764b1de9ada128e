import {
  type Channels,
  checkOptions,
  type DeviceRings,
  type Feature,
  type Kernel,
  XdpError,
} from "@afxdp/core";
import { unlessDriverLacks } from "./driver-lacks.js";
import { identify, isStillThere } from "./identity.js";
import { type Undoable, undoable } from "./undoable.js";

/** Numbers of channels to set; what is absent stays. */
export type ChannelCounts = Partial<Pick<Channels, "rx" | "tx" | "combined">>;
/** Entries of the card's descriptor rings to set; what is absent stays. */
export type DeviceRingSizes = Partial<Pick<DeviceRings, "rx" | "tx">>;

type Kind = "rx" | "tx" | "combined";
type Counts = Partial<Record<Kind, number>>;

/** Numbers that a device has: how to read, check and set them. */
interface Countable {
  readonly verb: string;
  readonly feature: Feature;
  readonly least: number;
  /** The numbers in use, and the greatest that the driver takes. */
  read(kernel: Kernel, name: string): { readonly now: Counts; readonly most: Counts };
  /** Refuses what no device can be set to, given all numbers as they would be. */
  check(name: string, all: Counts): void;
  set(kernel: Kernel, name: string, counts: Counts): void;
}

const CHANNELS: Countable = {
  verb: "changeChannels",
  feature: "channels",
  least: 0,
  read(kernel, name) {
    const { rx, tx, combined, maxRx, maxTx, maxCombined } = kernel.channels(name);
    return { now: { rx, tx, combined }, most: { rx: maxRx, tx: maxTx, combined: maxCombined } };
  },
  check(name, { rx = 0, tx = 0, combined = 0 }) {
    if (rx + combined > 0 && tx + combined > 0) return;
    throw new XdpError(
      "ERR_XDP_ARGUMENT",
      `${name} would have ${rx + combined} channels to receive and ${tx + combined} to send: it needs both.`,
    );
  },
  set: (kernel, name, counts) => kernel.setChannels(name, counts),
};

const DEVICE_RINGS: Countable = {
  verb: "changeDeviceRings",
  feature: "deviceRings",
  least: 1,
  read(kernel, name) {
    const { rx, tx, maxRx, maxTx } = kernel.deviceRings(name);
    return { now: { rx, tx }, most: { rx: maxRx, tx: maxTx } };
  },
  check: () => undefined,
  set: (kernel, name, counts) => kernel.setDeviceRings(name, counts),
};

/**
 * Sets numbers of an interface's channels (queues), as `ethtool -L`. All is checked before it is set. The link of a
 * real card may go down for a moment. `restore` puts back what was there before, of what is still as it was set here;
 * when the device is gone it does nothing. Nothing is put back by itself: the numbers outlive the process.
 *
 * @throws XdpError ERR_XDP_ARGUMENT when a number is above the driver's maximum or leaves no queue to receive or to
 * send, ERR_XDP_NO_DEVICE, ERR_XDP_PERMISSION; XdpFeatureError when the driver has no channels to set; XdpSystemError
 * with EINVAL when an AF_XDP socket is bound to a queue that would go (net/ethtool/channels.c)
 */
export function changeChannels(
  kernel: Kernel,
  interfaceName: string,
  wanted: ChannelCounts,
): Undoable {
  return change(CHANNELS, kernel, interfaceName, wanted);
}

/**
 * Sets the sizes of the card's own descriptor rings, as `ethtool -G`: they bound what the card holds until the driver
 * takes it. All is checked before it is set. `restore` as with {@link changeChannels}.
 *
 * @throws XdpError ERR_XDP_ARGUMENT when a number is 0 or above the driver's maximum, ERR_XDP_NO_DEVICE,
 * ERR_XDP_PERMISSION; XdpFeatureError when the driver has no rings to size, as veth
 */
export function changeDeviceRings(
  kernel: Kernel,
  interfaceName: string,
  wanted: DeviceRingSizes,
): Undoable {
  return change(DEVICE_RINGS, kernel, interfaceName, wanted);
}

function change(of: Countable, kernel: Kernel, name: string, wanted: Counts): Undoable {
  const device = identify(kernel, name);
  const read = (): ReturnType<Countable["read"]> =>
    unlessDriverLacks(of.feature, name, () => of.read(kernel, name));
  const set = (counts: Counts): void => {
    if (kindsOf(counts).length === 0) return;
    unlessDriverLacks(of.feature, name, () => of.set(kernel, name, counts));
  };
  const { now: before, most } = read();
  checkCounts(of, name, wanted, most);
  of.check(name, { ...before, ...wanted });
  const changes = pick(wanted, (kind) => wanted[kind] !== before[kind]);
  set(changes);
  return undoable(() => {
    if (!isStillThere(kernel, device)) return;
    const { now } = read();
    set(pick(before, (kind) => changes[kind] !== undefined && now[kind] === changes[kind]));
  });
}

function checkCounts(of: Countable, name: string, wanted: Counts, most: Counts): void {
  checkOptions(of.verb, wanted, kindsOf(most));
  const kinds = kindsOf(wanted);
  if (kinds.length === 0) {
    throw new XdpError("ERR_XDP_ARGUMENT", `${of.verb} is given nothing to set.`, {
      hint: `Pass one of ${kindsOf(most).join(", ")}.`,
    });
  }
  for (const kind of kinds) {
    const value = wanted[kind] as number;
    const limit = most[kind] as number;
    if (Number.isInteger(value) && value >= of.least && value <= limit) continue;
    throw new XdpError(
      "ERR_XDP_ARGUMENT",
      `${kind} ${String(value)} is not a whole number from ${of.least} to ${limit}, the most that ${name} can have.`,
    );
  }
}

function kindsOf(counts: Counts): Kind[] {
  return (Object.keys(counts) as Kind[]).filter((kind) => counts[kind] !== undefined);
}

function pick(counts: Counts, wanted: (kind: Kind) => boolean): Counts {
  return Object.fromEntries(
    kindsOf(counts)
      .filter(wanted)
      .map((kind) => [kind, counts[kind]]),
  );
}
