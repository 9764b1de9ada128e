import {
  type CallSite,
  ERRNO,
  type ErrorCode,
  type Kernel,
  type SystemFailure,
  wrapKernel,
  XdpSystemError,
} from "@afxdp/core";
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

/** A Kernel whose calls fail on demand. */
export interface Failing {
  readonly kernel: Kernel;
  /** From now on the n-th call of a method fails with an errno instead of being made. */
  fail(method: keyof Kernel, nth: number, step: string, errno?: number, code?: ErrorCode): void;
  /** How many of those calls failed. */
  failed(): number;
}

/** Makes one from the Linux Kernel; EIO by default. */
export function failing(): Failing {
  let wanted: { method: keyof Kernel; left: number; failure: SystemFailure } | undefined;
  let failures = 0;
  const kernel = wrapKernel(createLinuxKernel(), (called, _args, proceed) => {
    if (called !== wanted?.method || --wanted.left !== 0) return proceed();
    failures++;
    throw new XdpSystemError(wanted.failure);
  });
  return {
    kernel,
    fail(method, nth, step, errno = ERRNO.EIO, code) {
      const failure = { step: step as CallSite, syscall: method, errno };
      wanted = { method, left: nth, failure: code === undefined ? failure : { ...failure, code } };
      failures = 0;
    },
    failed: () => failures,
  };
}
