import { runAll, throwFirst, XdpError } from "@afxdp/core";
import { expect, it } from "vitest";

it("all tasks are run, and the first error is thrown with the others in it", () => {
  const done: number[] = [];
  const first = new XdpError("ERR_XDP_CLOSED", "first");
  const second = new Error("second");
  const fail = (error: Error) => () => {
    throw error;
  };
  const tasks = [() => void done.push(1), fail(first), fail(second), () => void done.push(4)];
  expect(() => runAll(tasks)).toThrow(first);
  expect(done).toEqual([1, 4]);
  expect(first.suppressed).toEqual([second]);
  expect(() => throwFirst([])).not.toThrow();
});
