import { afterAll, beforeAll } from "vitest";
import { createLab, type Lab, type LabOptions } from "./lab.js";

/**
 * A lab for all tests of a `describe`, with the thread in the namespace of its host `a`; removed after them. It is
 * there from `beforeAll` on.
 */
export function useLab(options?: LabOptions): Lab {
  let lab: Lab | undefined;
  let leave: () => void = () => undefined;
  beforeAll(() => {
    lab = createLab(options);
    leave = lab.a.enter();
  });
  afterAll(() => {
    leave();
    lab?.close();
  });
  const made = (): Lab => {
    if (lab === undefined)
      throw new Error("The lab is made by beforeAll: use it in tests and hooks.");
    return lab;
  };
  return {
    get a() {
      return made().a;
    },
    get b() {
      return made().b;
    },
    close: () => made().close(),
  };
}
