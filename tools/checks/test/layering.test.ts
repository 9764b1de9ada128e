import { describe, expect, test } from "vitest";
import { LAYERS, layeringFaults } from "../src/layers.ts";
import { loadsNativeCode } from "../src/syntax.ts";
import { type Manifest, type Package, readPublished, readWorkspace } from "../src/workspace.ts";

const published = readPublished();

test.each(published.map((pkg) => [pkg.manifest.name, pkg] as const))(
  "%s stands only on what is below it",
  (_name, pkg) => {
    expect(pkg.sources.length).toBeGreaterThan(0);
    expect(layeringFaults(pkg)).toEqual([]);
  },
);

test("the arrows have no cycle", () => {
  const climb = (name: string, seen: readonly string[]): void => {
    expect(seen).not.toContain(name);
    for (const below of LAYERS[name]?.below ?? []) climb(below, [...seen, name]);
  };
  for (const name of Object.keys(LAYERS)) climb(name, []);
});

test("one file in the whole tree loads native code, and it belongs to @afxdp/native", () => {
  const loaders = readWorkspace()
    .flatMap((pkg) => pkg.sources)
    .filter(loadsNativeCode)
    .map((file) => file.path);
  expect(loaders).toHaveLength(1);
  expect(loaders[0]).toMatch(/^native\/ts\//);
});

describe("the check itself notices", () => {
  const ring = (text: string, manifest: Partial<Manifest> = {}): Package => ({
    manifest: { name: "@afxdp/ring", dependencies: { "@afxdp/core": "0.0.0" }, ...manifest },
    folder: "packages/ring",
    sources: [{ path: "packages/ring/src/a.ts", text }],
  });

  test.each([
    ["an import upwards", 'import { x } from "@afxdp/driver";'],
    ["an import upwards of a type", 'import type { X } from "@afxdp/umem";'],
    ["a re-export upwards", 'export * from "afxdp";'],
    ["a dynamic import upwards", 'const later = () => import("@afxdp/native");'],
    ["a module of Node", 'import { readFileSync } from "node:fs";'],
    ["a module of Node without its prefix", 'import os from "os";'],
    ["an undeclared package", 'import "left-pad";'],
    ["a path into another package", 'import "../../core/src/index.js";'],
    ["native code", 'process.dlopen(module, "x.node");'],
    ["a default export", "export default 1;"],
    ["a default export of a function", "export default function run() {}"],
    ["a default export by renaming", "const a = 1; export { a as default };"],
    ["an enum", "export const enum Mode { Copy }"],
  ])("%s", (_name, text) => {
    expect(layeringFaults(ring(text))).toHaveLength(1);
  });

  test("a dependency upwards that nothing imports", () => {
    const dependencies = { "@afxdp/core": "0.0.0", afxdp: "0.0.0" };
    expect(layeringFaults(ring("", { dependencies }))).toHaveLength(1);
  });

  test("a package that nobody gave a layer", () => {
    expect(layeringFaults(ring("", { name: "@afxdp/extra" }))).toHaveLength(1);
  });

  test("nothing in a clean file, whatever its comments and strings say", () => {
    const text = `// import "afxdp"; export default enum
      import { ERRORS } from "@afxdp/core"; import "./b.js";
      export const text = "process.dlopen"; export const e = ERRORS;`;
    expect(layeringFaults(ring(text))).toEqual([]);
  });
});
