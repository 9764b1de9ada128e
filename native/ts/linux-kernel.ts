import type * as abi from "@afxdp/core";
import { SocketCalls } from "./calls/socket-calls.js";
import { loadAddon } from "./load-addon.js";

/**
 * Makes the Kernel that talks to Linux, for the calling thread. What it opens belongs to this thread: other threads
 * can use none of it but `wake` a waker, and what is still open when the thread ends is closed then.
 * ERR_XDP_NATIVE_LOAD when the addon cannot be loaded, as on another system than Linux.
 */
export function createLinuxKernel(): abi.Kernel {
  return new LinuxKernel(loadAddon());
}

/** The calls come from the classes that it extends, by what they are about. */
class LinuxKernel extends SocketCalls implements abi.Kernel {
  readonly name = "linux";
}
