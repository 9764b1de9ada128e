// The same benchmark in two trees, in turns, so that what else the machine does falls on both: prints for each line of
// receive.mjs the median here, the median there, and the median of the ratios of neighbours (over 1: here is slower).
// The other tree has to be built, and gets this one's benchmark and played kernel when it has none.
// Run: node bench/compare.mjs OTHER [rounds] [segments]; OTHER is another tree's packages/driver.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync } from "node:fs";
import { join } from "node:path";

const [other, rounds = "11", ...args] = process.argv.slice(2);
if (other === undefined) throw new Error("Run: node bench/compare.mjs OTHER [rounds] [segments]");
const here = join(import.meta.dirname, "..");
for (const file of ["bench/receive.mjs", "test/support/played-kernel.mjs"]) {
  if (!existsSync(join(other, file))) cpSync(join(here, file), join(other, file));
}

function measure(root) {
  const out = execFileSync(process.execPath, [join(root, "bench/receive.mjs"), ...args], {
    cwd: root,
    encoding: "utf8",
  });
  return Object.fromEntries(
    [...out.matchAll(/^(\w+): ([\d.]+) /gm)].map(([, name, ns]) => [name, Number(ns)]),
  );
}

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

const measured = Array.from({ length: Number(rounds) }, (_, round) => {
  // Who goes first changes, so that neither always finds the machine as the other left it.
  if (round % 2 === 0) return { ours: measure(here), theirs: measure(other) };
  const theirs = measure(other);
  return { ours: measure(here), theirs };
});
for (const name of Object.keys(measured[0].ours)) {
  const ours = measured.map((round) => round.ours[name]);
  const theirs = measured.map((round) => round.theirs[name]);
  const ratio = median(ours.map((ns, i) => ns / theirs[i]));
  console.log(
    `${name}: here ${median(ours).toFixed(2)} ns, there ${median(theirs).toFixed(2)} ns, ratio ${ratio.toFixed(3)}`,
  );
}
