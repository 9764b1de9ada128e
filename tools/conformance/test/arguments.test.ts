import { CASES, COLUMNS, readArguments, UsageError } from "@afxdp/conformance";
import { describe, expect, test } from "vitest";

describe("the command line", () => {
  test("without arguments means all cases in all columns on a pair of our own", () => {
    expect(readArguments([])).toMatchObject({
      cases: CASES,
      columns: COLUMNS,
      interfaces: undefined,
      change: false,
      json: undefined,
    });
  });

  test("takes interfaces, with and without a namespace", () => {
    expect(readArguments(["--interface", "eth1,eth2@/run/netns/other"]).interfaces).toEqual([
      { name: "eth1", namespace: undefined },
      { name: "eth2", namespace: "/run/netns/other" },
    ]);
  });

  test("takes cases by name or number, each once, and modes", () => {
    const { cases, columns } = readArguments([
      "--case",
      "0",
      "--case",
      "send_receive",
      "--case",
      "RX_HINTS",
      "--mode",
      "zc",
    ]);
    expect(cases.map(({ name }) => name)).toEqual(["SEND_RECEIVE", "RX_HINTS"]);
    expect(columns).toEqual([
      { mode: "ZC", wait: "interrupt" },
      { mode: "ZC", wait: "busy poll" },
    ]);
  });

  test.each([
    [["--interface", "eth1"], "takes two interfaces"],
    [["--interface", "eth1,eth2,eth3"], "takes two interfaces"],
    [["--interface", "eth1,eth1"], "two different interfaces"],
    [["--interface", "eth1,@/run/netns/x"], "is neither NAME nor NAME@"],
    [["--interface", "eth1,eth2@"], "is neither NAME nor NAME@"],
    [["--change"], "--change is for interfaces"],
    [["--case", "36"], "There is no case 36"],
    [["--mode", "fast"], "--mode is SKB, DRV, ZC, not fast"],
    [["--json", ""], "--json needs the name of a file"],
    [["--jsonn", "x"], "Unknown option '--jsonn'"],
    [["eth1"], "Unexpected argument 'eth1'"],
    [["--json"], "argument missing"],
  ])("%j is refused", (args, message) => {
    expect(() => readArguments(args)).toThrow(UsageError);
    expect(() => readArguments(args)).toThrow(message);
  });
});

describe("the list of cases", () => {
  test("begins with the 36 of the kernel's program, in its order", () => {
    const numbers = CASES.map(({ number }) => number).filter((number) => number !== undefined);
    expect(numbers).toEqual(Array.from({ length: 36 }, (_, i) => i));
    expect(CASES.slice(36).every(({ number }) => number === undefined)).toBe(true);
  });

  test("has no name twice", () => {
    expect(new Set(CASES.map(({ name }) => name)).size).toBe(CASES.length);
  });
});
