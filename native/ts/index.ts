/**
 * The `Kernel` of `@afxdp/core` on Linux. Importing this package loads no native code and works anywhere; only
 * `createLinuxKernel` and `enterNetworkNamespace` load the addon.
 *
 * @packageDocumentation
 */
export { createLinuxKernel } from "./linux-kernel.js";
export { enterNetworkNamespace } from "./network-namespace.js";
