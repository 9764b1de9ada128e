import { writeFileSync } from "node:fs";
import { release } from "node:os";
import { isXdpError } from "@afxdp/core";
import { createLinuxKernel } from "@afxdp/native";
import { privileged } from "@afxdp/testkit";
import { type Arguments, readArguments, USAGE, UsageError } from "./arguments.js";
import type { Case } from "./cases/case.js";
import { createLabPair } from "./lab-pair.js";
import { type NamedPair, openNamedPair, UnusableInterface } from "./named-pair.js";
import { countResults } from "./run/counts.js";
import { runSuite, type SuiteResult } from "./run/suite.js";
import {
  formatCounts,
  formatFailures,
  formatProfiles,
  formatSkips,
  formatTable,
} from "./run/table.js";

/*
 * The command: runs the suite on a veth pair or on two interfaces and prints what works here. Status 1 when a case
 * failed, 2 when it could not be run, 130 when it was interrupted.
 */
function openPair({ interfaces, change }: Arguments): NamedPair {
  const kernel = createLinuxKernel();
  return interfaces === undefined
    ? createLabPair(kernel)
    : openNamedPair(kernel, interfaces, change);
}

function describePair({ interfaces }: Arguments): string {
  if (interfaces === undefined) return "a veth pair";
  return interfaces
    .map(({ name, namespace }) => (namespace === undefined ? name : `${name}@${namespace}`))
    .join(" and ");
}

function listCases(cases: readonly Case[]): void {
  for (const { number, name, about } of cases) {
    console.log(`${`${number ?? "+"}`.padStart(2)}  ${name.padEnd(34)}  ${about}`);
  }
}

function section(title: string, text: string): void {
  if (text !== "") console.log(`\n${title}\n${text}`);
}

function printReport(args: Arguments, { results, profiles }: SuiteResult, seconds: number): void {
  console.log(`\n${formatTable(args.cases, args.columns, results)}`);
  section("Skipped", formatSkips(results));
  section("Failed", formatFailures(results));
  section("Profile", formatProfiles(profiles));
  console.log(`\n${formatCounts(results, seconds)}`);
}

function writeReport(
  file: string,
  on: string,
  cases: readonly Case[],
  { results, profiles }: SuiteResult,
  seconds: number,
): void {
  const numbers = new Map(cases.map(({ name, number }) => [name, number]));
  const report = {
    kernel: release(),
    on,
    seconds,
    counts: countResults(results),
    profiles: Object.fromEntries(profiles),
    results: results.map((result) => ({ number: numbers.get(result.name), ...result })),
  };
  writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`);
}

/** Makes the file now: not to be able to is worse after the run than before it. */
function checkWritable(file: string): void {
  try {
    writeFileSync(file, "");
  } catch (error) {
    throw new UsageError(`--json: ${(error as Error).message}`);
  }
}

/** Shows at a terminal how far it is. */
function showProgress(done: number, total: number): void {
  if (!process.stderr.isTTY) return;
  process.stderr.write(done === total ? "\r\x1b[K" : `\r${done} of ${total}`);
}

async function run(args: Arguments): Promise<number> {
  const privilege = privileged();
  if (!privilege.ok) {
    console.error(`conformance: The suite cannot run here: ${privilege.reason}.`);
    return 2;
  }
  if (args.json !== undefined) checkWritable(args.json);
  const on = describePair(args);
  console.log(`Conformance of AF_XDP on Linux ${release()}, ${on}`);
  const started = performance.now();
  let stopped = false;
  const stop = (): void => {
    stopped = true;
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  const total = args.cases.length * args.columns.length;
  let done = 0;
  const pair = openPair(args);
  let outcome: SuiteResult;
  try {
    outcome = await runSuite({
      pair,
      cases: args.cases,
      columns: args.columns,
      onResult: () => showProgress(++done, total),
      stopped: () => stopped,
    });
  } finally {
    pair.close();
  }
  const seconds = (performance.now() - started) / 1000;
  printReport(args, outcome, seconds);
  if (args.json !== undefined) writeReport(args.json, on, args.cases, outcome, seconds);
  if (stopped) return 130;
  return countResults(outcome.results).FAIL > 0 ? 1 : 0;
}

try {
  const args = readArguments(process.argv.slice(2));
  if (args.help) console.log(USAGE);
  else if (args.list) listCases(args.cases);
  else process.exitCode = await run(args);
} catch (error) {
  const told =
    error instanceof UsageError || error instanceof UnusableInterface || isXdpError(error);
  if (!told) throw error;
  console.error(`conformance: ${error.message}`);
  if (error instanceof UsageError) console.error(USAGE);
  process.exitCode = 2;
}
