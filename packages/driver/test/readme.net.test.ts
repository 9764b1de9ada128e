import { createLab } from "@afxdp/testkit";
import { runReadme } from "@afxdp/testkit/readme";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { expect, it } from "vitest";

describeOnKernel("the README", () => {
  it("has an example that does what it says", () => {
    const lab = createLab(); // for a loopback of its own
    const leave = lab.a.enter();
    try {
      expect(runReadme(import.meta.dirname)).toBe(
        "true\n{ free: 256, application: 0, fill: 0, transmit: 0, total: 256 }\n",
      );
    } finally {
      leave();
      lab.close();
    }
  });
});
