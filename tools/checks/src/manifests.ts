import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Package, ROOT } from "./workspace.ts";

// npm would run these on a user's machine; npm and pnpm now block them, so nothing may need one.
const INSTALL_SCRIPTS = ["preinstall", "install", "postinstall", "prepare"];

/** Everything that a published package lacks, or has and must not have, one sentence each. */
export function manifestFaults({ manifest, folder }: Package): string[] {
  const faults: string[] = [];
  const expect = (ok: boolean, fault: string): void => {
    if (!ok) faults.push(`${manifest.name} ${fault}`);
  };
  for (const script of INSTALL_SCRIPTS) {
    expect(manifest.scripts?.[script] === undefined, `has the script ${script}`);
  }
  expect(!existsSync(join(ROOT, folder, "binding.gyp")), "has binding.gyp, which npm would build");
  expect(manifest.license === "Apache-2.0", "is not licensed Apache-2.0");
  expect(manifest.type === "module", "is not an ES module");
  expect(manifest.engines?.node === ">=20.19", "does not say node >=20.19 in engines");
  expect((manifest.files ?? []).includes("dist"), "does not list dist in files");
  expect(sameLicense(folder), "has no copy of the root's LICENSE");
  expect(existsSync(join(ROOT, folder, "README.md")), "has no README.md");
  for (const [path, target] of Object.entries(manifest.exports ?? { ".": undefined })) {
    if (path === "./package.json") continue;
    const conditions = typeof target === "object" && target !== null ? Object.keys(target) : [];
    expect(
      conditions[0] === "types" && conditions.at(-1) === "default",
      `does not export "${path}" as types first and default last`,
    );
  }
  return faults;
}

function sameLicense(folder: string): boolean {
  const copy = join(ROOT, folder, "LICENSE");
  return existsSync(copy) && readFileSync(copy).equals(readFileSync(join(ROOT, "LICENSE")));
}
