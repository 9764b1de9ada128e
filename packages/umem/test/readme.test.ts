import { runReadme } from "@afxdp/testkit/readme";
import { expect, it } from "vitest";

it("the README's example does what it says", () => {
  expect(runReadme(import.meta.dirname).split("\n")).toEqual([
    "ERR_XDP_DOUBLE_FREE",
    "{ free: 1024, application: 0, fill: 0, transmit: 0, total: 1024 }",
    "",
  ]);
});
