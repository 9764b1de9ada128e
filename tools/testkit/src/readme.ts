import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Runs the first JavaScript example of a package's README as a stranger would, and returns what it prints.
 *
 * @param testFolder the package's `test` folder; the README is beside it
 * @param before lines to run first, for what the reader is told to have
 */
export function runReadme(testFolder: string, before = ""): string {
  const root = join(testFolder, "..");
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const example = /^```(?:js|ts)\n(.*?)^```/ms.exec(readme)?.[1];
  if (example === undefined) throw new Error(`${root} has a README without an example.`);
  // From the package's folder its own name resolves to what was built, by its exports.
  return execFileSync(process.execPath, ["--input-type=module", "-e", `${before}\n${example}`], {
    cwd: root,
    encoding: "utf8",
    timeout: 30_000,
  });
}
