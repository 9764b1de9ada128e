import {
  CASES,
  COLUMNS,
  columnName,
  type DisposablePair,
  Prober,
  runCase,
} from "@afxdp/conformance";
import { createLabPair } from "@afxdp/conformance/lab";
import { footprint } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

describeOnKernel("conformance on veth", () => {
  let pair: DisposablePair;
  let prober: Prober;
  beforeAll(() => {
    pair = createLabPair();
    prober = new Prober(pair);
  });
  afterAll(() => pair.close());

  const before = footprint();

  for (const column of COLUMNS.filter(({ mode }) => mode !== "ZC")) {
    describe(columnName(column), () => {
      for (const entry of CASES) {
        const { name, about, only } = entry;
        const title = `${name}: ${about}`;
        if (only !== undefined && !only.modes.includes(column.mode)) {
          test.skip(`${title} (skipped: ${only.reason})`, () => undefined);
          continue;
        }
        test(title, (context) => {
          const { verdict, detail } = runCase(pair, column, prober.profile(column.mode), entry);
          if (verdict === "skip") context.skip(detail);
          expect(verdict, detail).toBe("pass");
        });
      }
    });
  }

  for (const column of COLUMNS.filter(({ mode }) => mode === "ZC")) {
    test(`${columnName(column)}: every case passes or is skipped, where the device has it`, (context) => {
      const missing = prober.missing(column);
      if (missing !== undefined) context.skip(missing);
      const results = CASES.map((entry) => runCase(pair, column, prober.profile("ZC"), entry));
      expect(results.filter(({ verdict }) => verdict === "FAIL")).toEqual([]);
    });
  }

  test("the profile of a mode is found once and does not change", () => {
    for (const mode of ["SKB", "DRV"] as const) {
      expect(new Prober(pair).profile(mode)).toEqual(prober.profile(mode));
    }
  });

  test("nothing of all this is left in the process", () => {
    expect(footprint()).toEqual(before);
  });
});
