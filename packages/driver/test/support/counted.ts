import { type Kernel, wrapKernel, XdpSystemError } from "@afxdp/core";
import { createLinuxKernel } from "@afxdp/native";

/** The Linux Kernel, with the names of the calls that are made on it. */
export interface Counted {
  readonly kernel: Kernel;
  readonly calls: (keyof Kernel)[];
}

/** Makes one. */
export function counted(): Counted {
  const calls: (keyof Kernel)[] = [];
  const kernel = wrapKernel(createLinuxKernel(), (method, _args, proceed) => {
    calls.push(method);
    return proceed();
  });
  return { kernel, calls };
}

/** The Linux Kernel, of which the n-th call of a method fails with an errno instead of being made. */
export function failing(method: keyof Kernel, nth: number, step: string, errno = 5): Kernel {
  let left = nth;
  return wrapKernel(createLinuxKernel(), (called, _args, proceed) => {
    if (called !== method || --left !== 0) return proceed();
    throw new XdpSystemError({ step: step as "bind", syscall: method, errno });
  });
}
