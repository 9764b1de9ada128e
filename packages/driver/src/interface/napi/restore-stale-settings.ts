import { checkOptions, type Kernel, runAll } from "@afxdp/core";
import { checkInterfaceName } from "../../setup/target.js";
import { hasDevice, type InterfaceIdentity, identify, lookUp } from "../identity.js";
import { namespaceOf } from "../namespace.js";
import { checkDirectory } from "./record-directory.js";
import {
  hasRecords,
  RECORD_DIRECTORY,
  type RecordFolder,
  recordKey,
  withRecords,
} from "./record-folder.js";
import { bootId, livingHolders, type RestoredSetting, rollBack } from "./roll-back.js";

/** Where the records of changed settings are. */
export interface RecordOptions {
  /** A directory of this user's alone; `/run/afxdp` when absent. Made when it is needed. */
  readonly directory?: string;
}

/**
 * Puts back the NAPI settings that processes changed with `applyBusyPollSettings` and did not put back, because they
 * were killed: in the calling thread's network namespace, of one interface or of all. What is still wanted by a process
 * that runs stays, and so does what was set to something else since. A socket that is set up does this by itself for its
 * interface, and `applyBusyPollSettings`, too. Returns what was put back.
 *
 * @throws XdpError ERR_XDP_NO_DEVICE for a name that is none, ERR_XDP_PERMISSION, ERR_XDP_ARGUMENT, ERR_XDP_SYSCALL; the
 * first of several, after all interfaces were tried
 */
export function restoreStaleSettings(
  kernel: Kernel,
  interfaceName?: string,
  options: RecordOptions = {},
): readonly RestoredSetting[] {
  if (interfaceName !== undefined) checkInterfaceName(interfaceName);
  checkOptions("restoreStaleSettings", options, ["directory"]);
  const { directory = RECORD_DIRECTORY } = options;
  checkDirectory(directory);
  const device = interfaceName === undefined ? undefined : identify(kernel, interfaceName);
  if (!hasRecords(directory)) return [];
  return withRecords(directory, (records) => {
    if (device !== undefined) return restoreDevice(kernel, records, device);
    const restored: RestoredSetting[] = [];
    runAll(
      records.keys().map((key) => () => {
        restored.push(...restoreRecord(kernel, records, key));
      }),
    );
    return restored;
  });
}

/** Rolls back the record of a device, if nobody wants it any more, under the name that the device has now. */
export function restoreDevice(
  kernel: Kernel,
  records: RecordFolder,
  device: InterfaceIdentity,
): RestoredSetting[] {
  const key = recordKey(device);
  const record = records.read(key);
  if (record === undefined) return [];
  if (record.bootId !== bootId()) {
    records.remove(key);
    return [];
  }
  if (livingHolders(record).length > 0) return [];
  const restored = rollBack(kernel, { ...record, interfaceName: device.name });
  records.remove(key);
  return restored;
}

function restoreRecord(kernel: Kernel, records: RecordFolder, key: string): RestoredSetting[] {
  const record = records.read(key);
  if (record === undefined) return [];
  const { interfaceName: name, interfaceIndex: index } = record;
  const namespace = namespaceOf(kernel);
  if (record.bootId !== bootId()) records.remove(key);
  if (record.bootId !== bootId() || record.namespace !== String(namespace)) return [];
  if (lookUp(kernel, name)?.index === index) {
    return restoreDevice(kernel, records, { name, index, namespace });
  }
  // Of a device that has another name now nothing can be put back here; it can by that name.
  if (!hasDevice(kernel, index)) records.remove(key);
  return [];
}
