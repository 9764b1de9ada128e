import { XdpSystemError } from "@afxdp/core";

/**
 * Does something with a file of the records.
 *
 * @throws XdpSystemError in place of Node's error: ERR_XDP_PERMISSION, ERR_XDP_SYSCALL
 */
export function withFile<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const { errno, syscall } = error as NodeJS.ErrnoException;
    if (errno === undefined || syscall === undefined) throw error;
    throw new XdpSystemError({ step: "setting", syscall, errno, given: path });
  }
}

/** What an action on a file gives; nothing when there is no such file. */
export function ifThere<T>(action: () => T): T | undefined {
  return unless("ENOENT", action);
}

/** What an action gives; nothing when it fails with this error. */
export function unless<T>(code: string, action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === code) return undefined;
    throw error;
  }
}
