import { check } from "./check.js";
import { loadAddon } from "./load-addon.js";

const CURRENT = "/proc/thread-self/ns/net";

/**
 * Moves the calling thread into the network namespace of a file, for instance `/run/netns/NAME`, and returns what
 * moves it back (once; later calls do nothing). Meant for the main thread of tests and of tools that work in several
 * namespaces: sockets stay where they were made, child processes inherit the namespace of the thread that starts
 * them, and other threads stay where they are. Needs CAP_SYS_ADMIN.
 * XdpSystemError of step `interface`: ENOENT without such a file, EINVAL when it is no network namespace.
 */
export function enterNetworkNamespace(path: string): () => void {
  const addon = loadAddon();
  const open = (file: string): number =>
    check(addon.openNamespace(file), { step: "interface", syscall: "open", given: file });
  const enter = (namespace: number): void => {
    check(addon.setNamespace(namespace), { step: "interface", syscall: "setns", given: path });
  };
  const previous = open(CURRENT);
  try {
    const target = open(path);
    try {
      enter(target);
    } finally {
      addon.close(target);
    }
  } catch (error) {
    addon.close(previous);
    throw error;
  }
  let left = false;
  return () => {
    if (left) return;
    enter(previous);
    left = true;
    addon.close(previous);
  };
}
