import { runReadme } from "@afxdp/testkit/readme";
import { expect, it } from "vitest";

it.runIf(process.platform === "linux")("the README's example does what it says", () => {
  expect(runReadme(import.meta.dirname)).toMatch(/^linux true (true|false)\n$/);
});
