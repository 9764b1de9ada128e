import { expect, it } from "vitest";
import { shortenLog } from "../dist/verifier-log.js";

const wrapped = (...lines: string[]): string =>
  [
    "libbpf: prog 'x': BPF program load failed: Permission denied",
    "libbpf: prog 'x': -- BEGIN PROG LOAD LOG --",
    ...lines,
    "-- END PROG LOAD LOG --",
    "libbpf: prog 'x': failed to load: -13",
    "libbpf: failed to load object 'afxdp'",
    "",
  ].join("\n");

it("keeps the verifier's last lines, without statistics", () => {
  const log = wrapped(
    "0: R1=ctx() R10=fp0",
    "R1 offset is outside of the packet",
    "processed 3 insns (limit 1000000) max_states_per_insn 0 total_states 0",
    "verification time 12 usec",
    "stack depth 8",
  );
  expect(shortenLog(log)).toBe("0: R1=ctx() R10=fp0\nR1 offset is outside of the packet");
});

it("keeps eight lines of many", () => {
  const lines = Array.from({ length: 100 }, (_, i) => `line ${i}`);
  expect(shortenLog(wrapped(...lines)).split("\n")).toEqual(lines.slice(92));
});

it("keeps whole lines up to a thousand characters", () => {
  const lines = Array.from({ length: 8 }, (_, i) => `${i}`.repeat(400));
  expect(shortenLog(wrapped(...lines)).split("\n")).toEqual(lines.slice(6));
});

it("cuts a line that is longer than that", () => {
  const short = shortenLog(wrapped("first", "x".repeat(5000)));
  expect(short).toBe(`${"x".repeat(999)}…`);
});

it("keeps libbpf's words when the verifier was not reached or said nothing", () => {
  const extern = "libbpf: extern (func ksym) 'nothing': not found in kernel or module BTFs";
  expect(shortenLog(`${extern}\nlibbpf: failed to load object 'afxdp'\n`)).toBe(extern);
  expect(shortenLog(wrapped(""))).toContain("BPF program load failed: Permission denied");
});

it("is empty for nothing", () => {
  expect(shortenLog("")).toBe("");
});
