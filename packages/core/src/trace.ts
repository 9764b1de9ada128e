import type { Kernel } from "./kernel.js";

/**
 * Wraps a Kernel so that every call passes through `around`, which makes the call by `proceed()` or not: what
 * tracers and fault injectors are made of. Properties that are no methods pass unchanged.
 */
export function wrapKernel(
  kernel: Kernel,
  around: (method: keyof Kernel, args: readonly unknown[], proceed: () => unknown) => unknown,
): Kernel {
  return new Proxy(kernel, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) =>
        around(property as keyof Kernel, args, () => Reflect.apply(value, target, args));
    },
  });
}

/**
 * Writes a line per call of a Kernel, as strace does: the method, its arguments, and what came back. For looking on
 * only: it makes objects for every call.
 */
export function traceKernel(kernel: Kernel, write: (line: string) => void): Kernel {
  return wrapKernel(kernel, (method, args, proceed) => {
    const call = `${method}(${args.map(show).join(", ")})`;
    try {
      const value = proceed();
      write(`${call} = ${show(value)}`);
      return value;
    } catch (error) {
      write(`${call} = ${error instanceof Error ? error.message : String(error)}`);
      throw error;
    }
  });
}

function show(value: unknown): string {
  if (value instanceof Uint8Array) return `[${value.length} bytes]`;
  if (typeof value === "function") return "[function]";
  if (typeof value !== "object" || value === null) return String(value);
  const fields = Object.entries(value).map(([key, field]) => `${key}: ${show(field)}`);
  return `{ ${fields.join(", ")} }`;
}
