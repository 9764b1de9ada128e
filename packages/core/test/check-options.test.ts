import { checkOptions } from "@afxdp/core";
import { describe, expect, it } from "vitest";

describe("options", () => {
  const refused = (names: readonly string[]): (() => void) => {
    return () => checkOptions("rx", { budget: 32 }, names);
  };

  it("of a name that is none are refused, and those that there are named", () => {
    expect(refused(["batch", "spin"])).toThrow(
      expect.objectContaining({
        code: "ERR_XDP_ARGUMENT",
        message: 'rx has no option "budget".',
        hint: "Its options are batch, spin.",
      }),
    );
  });

  it("of what takes none are refused as such", () => {
    expect(refused([])).toThrow(expect.objectContaining({ hint: "It has no options." }));
  });
});
