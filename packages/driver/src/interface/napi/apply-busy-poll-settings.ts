import { randomUUID } from "node:crypto";
import {
  checkCount,
  checkOptions,
  type InterfaceSetting,
  type Kernel,
  runAll,
  XdpError,
} from "@afxdp/core";
import { type InterfaceIdentity, identify, isStillThere } from "../identity.js";
import { type Undoable, undoable } from "../undoable.js";
import { thisProcess } from "./process-identity.js";
import { checkDirectory } from "./record-directory.js";
import { RECORD_DIRECTORY, type RecordFolder, recordKey, withRecords } from "./record-folder.js";
import { type RecordOptions, restoreDevice } from "./restore-stale-settings.js";
import { bootId, livingHolders, rollBack } from "./roll-back.js";
import { type ChangedSetting, SETTINGS, type SettingRecord } from "./setting-record.js";

/** NAPI settings for busy polling; what is absent stays. */
export interface BusyPollSettings extends RecordOptions {
  /** How often in a row the card's interrupt stays off after a poll that found nothing (`napi_defer_hard_irqs`). */
  readonly deferHardIrqs?: number;
  /** Nanoseconds after which the kernel polls if the application has not (`gro_flush_timeout`). */
  readonly groFlushTimeoutNs?: number;
}

const MAX_DEFER = 0x7fff_ffff;

type Wanted = readonly (readonly [InterfaceSetting, number])[];

/**
 * Sets an interface's NAPI settings for busy polling: with SO_PREFER_BUSY_POLL alone the card's interrupts still come.
 * `restore` puts back what was there before, once nobody wants it any more: all who want the same on an interface, in
 * whatever process, share it. What others set in the meantime stays. What a killed process left behind is put back
 * first; for that each change is written to a record before it is made. Blocks for some file operations.
 *
 * The settings are those of the whole interface, in the calling thread's network namespace, and `restore` is to be
 * called there. A process in another mount namespace does not see the records, so give both the same directory.
 *
 * @throws XdpError ERR_XDP_ARGUMENT, ERR_XDP_CONFLICT when another wants another value now, ERR_XDP_NO_DEVICE,
 * ERR_XDP_PERMISSION, ERR_XDP_SYSCALL; nothing is changed then
 */
export function applyBusyPollSettings(
  kernel: Kernel,
  interfaceName: string,
  settings: BusyPollSettings,
): Undoable {
  const wanted = checkSettings(settings);
  const { directory = RECORD_DIRECTORY } = settings;
  const device = identify(kernel, interfaceName);
  const id = randomUUID();
  withRecords(directory, (records) => {
    restoreDevice(kernel, records, device);
    hold(kernel, records, device, wanted, id);
  });
  return undoable(() => {
    withRecords(directory, (records) => letGo(kernel, records, device, id));
  });
}

function checkSettings(settings: BusyPollSettings): Wanted {
  checkOptions("applyBusyPollSettings", settings, [
    "deferHardIrqs",
    "groFlushTimeoutNs",
    "directory",
  ]);
  const { deferHardIrqs, groFlushTimeoutNs, directory } = settings;
  if (deferHardIrqs === undefined && groFlushTimeoutNs === undefined) {
    throw new XdpError("ERR_XDP_ARGUMENT", "applyBusyPollSettings is given nothing to set.", {
      hint: "Pass deferHardIrqs, groFlushTimeoutNs, or both.",
    });
  }
  if (deferHardIrqs !== undefined) checkCount("deferHardIrqs", deferHardIrqs, MAX_DEFER);
  if (groFlushTimeoutNs !== undefined) {
    checkCount("groFlushTimeoutNs", groFlushTimeoutNs, Number.MAX_SAFE_INTEGER);
  }
  if (directory !== undefined) checkDirectory(directory);
  const values: Record<InterfaceSetting, number | undefined> = {
    gro_flush_timeout: groFlushTimeoutNs,
    napi_defer_hard_irqs: deferHardIrqs,
  };
  return SETTINGS.flatMap((setting) => {
    const value = values[setting];
    return value === undefined ? [] : [[setting, value] as const];
  });
}

/** Enters a holder in the record of a device and makes the changes that are not made yet. */
function hold(
  kernel: Kernel,
  records: RecordFolder,
  device: InterfaceIdentity,
  wanted: Wanted,
  id: string,
): void {
  const key = recordKey(device);
  const old = records.read(key);
  const settings: Partial<Record<InterfaceSetting, ChangedSetting>> = { ...old?.settings };
  const changes: [InterfaceSetting, ChangedSetting][] = [];
  for (const [setting, set] of wanted) {
    const present = old?.settings[setting];
    const now = kernel.interfaceSetting(device.name, setting);
    if (old !== undefined && present !== undefined && present.set !== set) {
      throw conflict(device, setting, set, old);
    }
    // When somebody else has changed it since, what he set is to be put back.
    const before = present !== undefined && now === present.set ? present.before : now;
    settings[setting] = { before, set };
    if (now !== set) changes.push([setting, { before: now, set }]);
  }
  const holders = old === undefined ? [] : livingHolders(old);
  records.write(key, {
    bootId: bootId(),
    namespace: String(device.namespace),
    interfaceName: device.name,
    interfaceIndex: device.index,
    settings,
    holders: [...holders, { ...thisProcess(), id }],
  });
  const undo = [() => (old === undefined ? records.remove(key) : records.write(key, old))];
  try {
    for (const [setting, { before, set }] of changes) {
      kernel.setInterfaceSetting(device.name, setting, set);
      undo.unshift(() => kernel.setInterfaceSetting(device.name, setting, before));
    }
  } catch (error) {
    const fail = (): never => {
      throw error;
    };
    runAll([fail, ...undo]);
  }
}

/** Takes a holder out of the record of a device; the last one puts the settings back. */
function letGo(kernel: Kernel, records: RecordFolder, device: InterfaceIdentity, id: string): void {
  const key = recordKey(device);
  const record = records.read(key);
  if (record === undefined) return;
  const holders = livingHolders(record).filter((holder) => holder.id !== id);
  // First of all, so that a failure leaves a record that the next start acts on.
  records.write(key, { ...record, holders });
  if (holders.length > 0) return;
  if (isStillThere(kernel, device)) rollBack(kernel, { ...record, interfaceName: device.name });
  records.remove(key);
}

function conflict(
  { name }: InterfaceIdentity,
  setting: InterfaceSetting,
  wanted: number,
  { settings, holders }: SettingRecord,
): XdpError {
  const pids = [...new Set(holders.map(({ pid }) => pid))].join(", ");
  return new XdpError(
    "ERR_XDP_CONFLICT",
    `${setting} ${wanted} is asked for ${name}, where process ${pids} needs ${settings[setting]?.set}.`,
    { hint: "An interface has one value for all sockets: ask for the same, or end that process." },
  );
}
