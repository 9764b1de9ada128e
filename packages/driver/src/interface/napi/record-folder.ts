import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { XdpError } from "@afxdp/core";
import type { InterfaceIdentity } from "../identity.js";
import { ifThere, withFile } from "./file-error.js";
import { withLock } from "./file-lock.js";
import { parseRecord, type SettingRecord } from "./setting-record.js";

/** Where the records are when an option does not say otherwise: a file system that a reboot empties. */
export const RECORD_DIRECTORY = "/run/afxdp";

const SUFFIX = ".json";

/** The records of one folder: a file for each device whose settings are changed. Use it within `withRecords` only. */
export class RecordFolder {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The records' keys. */
  keys(): string[] {
    return withFile(this.#directory, () => readdirSync(this.#directory))
      .filter((name) => name.endsWith(SUFFIX))
      .map((name) => name.slice(0, -SUFFIX.length));
  }

  /** A record, or nothing. One that cannot be understood is removed with a warning: nothing can be done by it. */
  read(key: string): SettingRecord | undefined {
    const path = this.#path(key);
    const text = withFile(path, () => ifThere(() => readFileSync(path, "utf8")));
    if (text === undefined) return undefined;
    const record = parseRecord(text);
    if (record === undefined) {
      this.remove(key);
      process.emitWarning(`${path} was no record of settings; it is removed.`, {
        code: "AFXDP_BAD_RECORD",
        type: "AfxdpWarning",
      });
    }
    return record;
  }

  /** Writes a record so that at any moment the old one or the new one is there, whole. */
  write(key: string, record: SettingRecord): void {
    const path = this.#path(key);
    const next = `${path}.next`;
    withFile(path, () => {
      writeFileSync(next, JSON.stringify(record), { mode: 0o600 });
      renameSync(next, path);
    });
  }

  remove(key: string): void {
    const path = this.#path(key);
    withFile(path, () => rmSync(path, { force: true }));
  }

  #path(key: string): string {
    return join(this.#directory, `${key}${SUFFIX}`);
  }
}

/** The key of a device's record. */
export function recordKey({ namespace, index }: Omit<InterfaceIdentity, "name">): string {
  return `${namespace}-${index}`;
}

/**
 * Does something with the records while nobody else does. The folder is made when it is not there.
 *
 * @throws XdpError ERR_XDP_PERMISSION when the folder is not this user's alone, ERR_XDP_SYSCALL
 */
export function withRecords<T>(directory: string, action: (records: RecordFolder) => T): T {
  withFile(directory, () => mkdirSync(directory, { recursive: true, mode: 0o700 }));
  checkFolder(directory);
  return withLock(join(directory, "lock"), () => action(new RecordFolder(directory)));
}

/** Whether there is a record of a device. Takes no lock: what is there is read again under it. */
export function hasRecord(directory: string, key: string): boolean {
  const path = join(directory, `${key}${SUFFIX}`);
  return withFile(path, () => ifThere(() => lstatSync(path))) !== undefined;
}

/** Whether there is a folder, and so may be records. */
export function hasRecords(directory: string): boolean {
  return withFile(directory, () => ifThere(() => lstatSync(directory))) !== undefined;
}

/** What others can write to, they could have us write into the interface. */
function checkFolder(directory: string): void {
  const stat = withFile(directory, () => lstatSync(directory));
  if (stat.isDirectory() && stat.uid === process.geteuid?.() && (stat.mode & 0o022) === 0) return;
  throw new XdpError(
    "ERR_XDP_PERMISSION",
    `${directory} is not a directory that only this user can write to.`,
    { hint: "Give another `directory`, or make it the user's own with mode 0700." },
  );
}
