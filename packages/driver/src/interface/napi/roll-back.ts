import { readFileSync } from "node:fs";
import type { InterfaceSetting, Kernel } from "@afxdp/core";
import { isRunning } from "./process-identity.js";
import { type Holder, SETTINGS, type SettingRecord } from "./setting-record.js";

/** A setting that was put back. */
export interface RestoredSetting {
  readonly interfaceName: string;
  readonly setting: InterfaceSetting;
  /** What it is again. */
  readonly value: number;
}

/** Puts back what a record says was changed, where it is still as it was set: what others set since stays. */
export function rollBack(kernel: Kernel, record: SettingRecord): RestoredSetting[] {
  const { interfaceName, settings } = record;
  const restored: RestoredSetting[] = [];
  for (const setting of SETTINGS.toReversed()) {
    const change = settings[setting];
    if (change === undefined || change.before === change.set) continue;
    if (kernel.interfaceSetting(interfaceName, setting) !== change.set) continue;
    kernel.setInterfaceSetting(interfaceName, setting, change.before);
    restored.push({ interfaceName, setting, value: change.before });
  }
  return restored;
}

/** The holders of a record whose process still runs. */
export function livingHolders(record: SettingRecord): Holder[] {
  return record.holders.filter(isRunning);
}

/** Identifies this boot of the machine. */
export function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}
