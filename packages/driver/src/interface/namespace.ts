import { type Kernel, XdpSystemError } from "@afxdp/core";

/**
 * The cookie of the calling thread's network namespace; 0 where the kernel has none (before Linux 5.14), so that one
 * namespace cannot be told from another there.
 *
 * @throws XdpSystemError
 */
export function namespaceOf(kernel: Kernel): bigint {
  try {
    return kernel.namespaceCookie();
  } catch (error) {
    if (error instanceof XdpSystemError && error.errnoName === "ENOPROTOOPT") return 0n;
    throw error;
  }
}
