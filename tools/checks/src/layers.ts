import { isBuiltin } from "node:module";
import { posix } from "node:path";
import { bannedSyntaxOf, importsOf, loadsNativeCode } from "./syntax.ts";
import type { Package, SourceFile } from "./workspace.ts";

interface Layer {
  /** The packages of the workspace that it may stand on. */
  readonly below: readonly string[];
  /** Runs anywhere: no module of Node, no native code. */
  readonly pure: boolean;
}

/** The arrows of the house: what each published package may depend on. They only point down. */
export const LAYERS: Readonly<Record<string, Layer>> = {
  "@afxdp/core": { below: [], pure: true },
  "@afxdp/ring": { below: ["@afxdp/core"], pure: true },
  "@afxdp/umem": { below: ["@afxdp/core"], pure: true },
  "@afxdp/bpf": { below: ["@afxdp/core"], pure: true },
  "@afxdp/driver": { below: ["@afxdp/core", "@afxdp/ring", "@afxdp/umem"], pure: false },
  "@afxdp/sim": { below: ["@afxdp/core", "@afxdp/ring"], pure: true },
  "@afxdp/native": { below: ["@afxdp/core"], pure: false },
  afxdp: {
    below: [
      "@afxdp/core",
      "@afxdp/ring",
      "@afxdp/umem",
      "@afxdp/bpf",
      "@afxdp/driver",
      "@afxdp/native",
    ],
    pure: false,
  },
};

/** Everything in a published package that breaks the layering, one sentence each. */
export function layeringFaults(pkg: Package): string[] {
  const { name } = pkg.manifest;
  const layer = LAYERS[name];
  if (layer === undefined) return [`${name} has no layer: add it to LAYERS and to the design`];
  const declared = new Set([
    ...Object.keys(pkg.manifest.dependencies ?? {}),
    ...Object.keys(pkg.manifest.peerDependencies ?? {}),
    ...Object.keys(pkg.manifest.optionalDependencies ?? {}),
  ]);
  return [
    ...[...declared]
      .filter((dependency) => isOurs(dependency) && !layer.below.includes(dependency))
      .map((dependency) => `${name} depends on ${dependency}, which is not below it`),
    ...pkg.sources.flatMap((file) => fileFaults(file, pkg, layer, declared)),
  ];
}

function fileFaults(
  file: SourceFile,
  pkg: Package,
  layer: Layer,
  declared: ReadonlySet<string>,
): string[] {
  const faults = importsOf(file).flatMap((specifier) => {
    if (specifier.startsWith(".")) {
      const target = posix.join(posix.dirname(file.path), specifier);
      return target.startsWith(`${pkg.folder}/`) ? [] : [`reaches into ${target}`];
    }
    if (isBuiltin(specifier)) {
      return layer.pure ? [`imports ${specifier}, but the package must run without Node`] : [];
    }
    const name = packageOf(specifier);
    if (isOurs(name) && !layer.below.includes(name)) return [`imports ${name}, not below it`];
    return declared.has(name) ? [] : [`imports ${name}, which package.json does not declare`];
  });
  if (layer.pure && loadsNativeCode(file)) faults.push("loads native code");
  faults.push(...bannedSyntaxOf(file).map((what) => `has ${what}`));
  return faults.map((fault) => `${file.path} ${fault}`);
}

function isOurs(name: string): boolean {
  return name === "afxdp" || name.startsWith("@afxdp/");
}

/** `@scope/name/sub/path` or `name/sub/path` without the path. */
function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}
