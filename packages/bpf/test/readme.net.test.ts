import { runReadme } from "@afxdp/testkit/readme";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { expect, it } from "vitest";

describeOnKernel("the README's example", () => {
  const lab = useLab();

  it("does what it says, and leaves nothing attached", () => {
    lab.a.run("ip", "link", "set", "lo", "up");
    expect(runReadme(import.meta.dirname).split("\n")).toEqual([
      "skb",
      "[ { etherType: 2054 }, { protocol: 1, source: '192.0.2.0/24' } ]",
      "",
    ]);
    expect(lab.a.run("ip", "link", "show", "lo")).not.toContain("xdp");
  });
});
