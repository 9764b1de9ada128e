import type { InterfaceSetting } from "@afxdp/core";
import type { ProcessIdentity } from "./process-identity.js";

/** A setting that was changed. */
export interface ChangedSetting {
  /** What it was before. */
  readonly before: number;
  /** What it was changed to. */
  readonly set: number;
}

/** Who wants the settings to stay: one for each handle, so that a process can have several. */
export interface Holder extends ProcessIdentity {
  readonly id: string;
}

/** What was changed on an interface, for as long as anybody wants it changed. */
export interface SettingRecord {
  /** The boot that it belongs to: indexes and cookies begin anew with each. */
  readonly bootId: string;
  /** Cookie of the network namespace, as decimal digits. */
  readonly namespace: string;
  readonly interfaceName: string;
  readonly interfaceIndex: number;
  readonly settings: Readonly<Partial<Record<InterfaceSetting, ChangedSetting>>>;
  readonly holders: readonly Holder[];
}

/** The settings in the order in which they are set; they are put back in reverse. */
export const SETTINGS: readonly InterfaceSetting[] = ["gro_flush_timeout", "napi_defer_hard_irqs"];

/** Reads a record from its JSON; nothing when it is not one. */
export function parseRecord(text: string): SettingRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isRecord(value) ? value : undefined;
}

type Unknown<T> = { readonly [K in keyof T]?: unknown };

function isRecord(value: unknown): value is SettingRecord {
  if (typeof value !== "object" || value === null) return false;
  const { bootId, namespace, interfaceName, interfaceIndex, settings, holders } =
    value as Unknown<SettingRecord>;
  return (
    typeof bootId === "string" &&
    typeof namespace === "string" &&
    typeof interfaceName === "string" &&
    Number.isInteger(interfaceIndex) &&
    typeof settings === "object" &&
    settings !== null &&
    Object.entries(settings).every(
      ([name, change]) => (SETTINGS as readonly string[]).includes(name) && isChange(change),
    ) &&
    Array.isArray(holders) &&
    holders.every(isHolder)
  );
}

function isChange(value: unknown): value is ChangedSetting {
  if (typeof value !== "object" || value === null) return false;
  const { before, set } = value as Unknown<ChangedSetting>;
  return Number.isInteger(before) && Number.isInteger(set);
}

function isHolder(value: unknown): value is Holder {
  if (typeof value !== "object" || value === null) return false;
  const { id, pid, startTime, pidNamespace } = value as Unknown<Holder>;
  return (
    typeof id === "string" &&
    Number.isInteger(pid) &&
    Number.isInteger(startTime) &&
    typeof pidNamespace === "string"
  );
}
