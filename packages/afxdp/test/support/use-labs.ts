import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLab, footprint, type Lab, type LabOptions } from "@afxdp/testkit";
import { createLinuxKernel, describeInterface, type InterfaceReport } from "afxdp";
import { afterEach, expect } from "vitest";
import { open } from "./open.js";

/** What each test of a `describe` makes for itself; gone after it. */
export interface Labs {
  build(options?: LabOptions): Lab;
  /** A folder for files; returns its path. */
  folder(): string;
  /** Has something undone after the test. */
  undo(action: () => void): void;
  /** Runs `look` in the namespace of the lab's `a`. */
  inside<T>(lab: Lab, look: () => T | Promise<T>): Promise<T>;
  /** The program that is attached in the lab's `a`. */
  attached(lab: Lab, device?: string): Promise<InterfaceReport["attachedProgram"]>;
  /** Expects that no program is attached, and that the queue can be bound again. */
  nothingIsLeft(lab: Lab, device?: string): Promise<void>;
}

export function useLabs(): Labs {
  const kernel = createLinuxKernel();
  const undos: (() => void)[] = [];
  afterEach(() => {
    for (const undo of undos.splice(0).reverse()) undo();
  });
  const labs: Labs = {
    build(options = {}) {
      const lab = createLab({ ipv6: false, ...options });
      undos.push(() => lab.close());
      return lab;
    },
    folder() {
      const path = mkdtempSync(join(tmpdir(), "afxdp-example-"));
      undos.push(() => rmSync(path, { recursive: true }));
      return path;
    },
    undo: (action) => void undos.push(action),
    async inside(lab, look) {
      const leave = lab.a.enter();
      try {
        return await look();
      } finally {
        leave();
      }
    },
    attached: (lab, device = lab.a.device) =>
      labs.inside(lab, () => describeInterface(kernel, device).attachedProgram),
    async nothingIsLeft(lab, device = lab.a.device) {
      const before = footprint();
      expect(await labs.attached(lab, device)).toBeUndefined();
      const host = { ...lab.a, device };
      await labs.inside(lab, async () => (await open({ ...lab, a: host }, "both")).close());
      expect(footprint()).toEqual(before);
    },
  };
  return labs;
}
