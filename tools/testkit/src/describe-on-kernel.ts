import { describe } from "vitest";
import { privileged } from "./privileged.js";

/** A `describe` for tests on the real kernel: skipped, with the reason in its name, where `privileged` says no. */
export function describeOnKernel(name: string, body: () => void): void {
  const privilege = privileged();
  if (privilege.ok) describe(name, body);
  else describe.skip(`${name} (skipped: ${privilege.reason})`, body);
}
