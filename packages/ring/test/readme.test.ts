import { runReadme } from "@afxdp/testkit/readme";
import { expect, it } from "vitest";

it("the README's example does what it says", () => {
  expect(runReadme(import.meta.dirname)).toBe("0 60\n2048 1500\ntrue\n");
});
