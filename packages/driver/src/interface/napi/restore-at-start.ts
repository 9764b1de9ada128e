import type { Kernel } from "@afxdp/core";
import type { Target } from "../../setup/target.js";
import { hasRecord, RECORD_DIRECTORY, recordKey, withRecords } from "./record-folder.js";
import { type RecordOptions, restoreDevice } from "./restore-stale-settings.js";

/**
 * Puts back what a killed process left of an interface's NAPI settings: for the start of a socket there, whatever it is
 * opened for. Costs one look for a file when nothing was left. What cannot be put back, for instance for want of
 * CAP_NET_ADMIN, does not keep the socket from opening: it is told by the warning AFXDP_SETTINGS_LEFT. To be called in
 * the interface's network namespace.
 */
export function restoreAtStart(kernel: Kernel, target: Target, options: RecordOptions = {}): void {
  const { directory = RECORD_DIRECTORY } = options;
  const { interfaceName: name, interfaceIndex: index, namespace } = target;
  const device = { name, index, namespace };
  try {
    if (!hasRecord(directory, recordKey(device))) return;
    withRecords(directory, (records) => restoreDevice(kernel, records, device));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    process.emitWarning(`NAPI settings that a killed process left on ${name} stay: ${why}`, {
      code: "AFXDP_SETTINGS_LEFT",
      type: "AfxdpWarning",
    });
  }
}
