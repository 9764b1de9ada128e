import { expect, test } from "vitest";
import { manifestFaults } from "../src/manifests.ts";
import { readPublished } from "../src/workspace.ts";

test.each(readPublished().map((pkg) => [pkg.manifest.name, pkg] as const))(
  "%s is fit to be published",
  (_name, pkg) => {
    expect(manifestFaults(pkg)).toEqual([]);
  },
);

test("the check itself notices an empty manifest and an install script", () => {
  const manifest = { name: "x", scripts: { postinstall: "node x.js" } };
  expect(manifestFaults({ manifest, folder: "tools/nowhere", sources: [] })).toEqual([
    "x has the script postinstall",
    "x is not licensed Apache-2.0",
    "x is not an ES module",
    "x does not say node >=20.19 in engines",
    "x does not list dist in files",
    "x has no copy of the root's LICENSE",
    "x has no README.md",
    'x does not export "." as types first and default last',
  ]);
});
