import { runReadme } from "@afxdp/testkit/readme";
import { expect, it } from "vitest";

it("the README's example does what it says", () => {
  expect(runReadme(import.meta.dirname)).toBe("ERR_XDP_STATE\nNext: fill\nclosed\n");
});
