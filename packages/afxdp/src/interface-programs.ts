import type { Attachment, SteeringProgram } from "@afxdp/bpf";
import type { Kernel } from "@afxdp/core";
import type { Target } from "@afxdp/driver";

/** Our program on one interface, and the sockets that use it. */
export class InterfaceProgram {
  readonly program: SteeringProgram;
  readonly hints: boolean;
  /** From the first socket's step `attach` on. */
  attachment: Attachment | undefined;
  /** Sockets that have a slot: the last to leave unloads the program. */
  users = 0;
  /** Sockets that count on its being attached: the last takes it off. Closing sockets leave this one first. */
  attached = 0;

  constructor(program: SteeringProgram, hints: boolean) {
    this.program = program;
    this.hints = hints;
  }
}

/** Our programs that are attached, by interface. A program belongs to the Kernel that it was loaded by. */
const programs = new WeakMap<Kernel, Map<string, InterfaceProgram>>();

/** Indices of interfaces repeat from one network namespace to the next. */
function keyOf({ namespace, interfaceIndex }: Target): string {
  return `${namespace} ${interfaceIndex}`;
}

/** Our program on an interface, if it is there still: somebody may have taken it off. Asks the kernel. */
export function programOn(kernel: Kernel, target: Target): InterfaceProgram | undefined {
  const known = programs.get(kernel)?.get(keyOf(target));
  if (known === undefined) return undefined;
  return kernel.attachedProgram(target.interfaceIndex)?.id === known.program.id ? known : undefined;
}

/** Lets sockets that are opened later find a program that was attached. */
export function remember(kernel: Kernel, target: Target, program: InterfaceProgram): void {
  const known = programs.get(kernel) ?? new Map<string, InterfaceProgram>();
  programs.set(kernel, known);
  known.set(keyOf(target), program);
}

/** Ends `remember`. Another program that took its place meanwhile stays. */
export function forget(kernel: Kernel, target: Target, program: InterfaceProgram): void {
  const known = programs.get(kernel);
  if (known?.get(keyOf(target)) === program) known.delete(keyOf(target));
}
