import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the workspace. */
export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** What the checks read of a package.json. */
export interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly license?: string;
  readonly type?: string;
  readonly engines?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly files?: readonly string[];
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** One TypeScript source file; `path` is relative to the root. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** A package of the workspace with everything that it ships as TypeScript. */
export interface Package {
  readonly manifest: Manifest;
  /** The package's folder, relative to the root. */
  readonly folder: string;
  readonly sources: readonly SourceFile[];
}

/** Reads every package of the workspace: packages/*, native and tools/*. */
export function readWorkspace(): Package[] {
  const folders = [...subfolders("packages"), "native", ...subfolders("tools")];
  return folders
    .filter((folder) => existsSync(join(ROOT, folder, "package.json")))
    .map((folder) => ({
      manifest: JSON.parse(readFileSync(join(ROOT, folder, "package.json"), "utf8")) as Manifest,
      folder,
      // native keeps its C++ in src and its TypeScript in ts.
      sources: readSources(folder === "native" ? "native/ts" : `${folder}/src`, /\.[cm]?ts$/),
    }));
}

/** The packages that go to the registry. */
export function readPublished(): Package[] {
  return readWorkspace().filter(({ manifest }) => manifest.private !== true);
}

/** Every file below `folder` (relative to the root) whose path matches `pattern`. */
export function readSources(folder: string, pattern: RegExp): SourceFile[] {
  const top = join(ROOT, folder);
  if (!existsSync(top)) return [];
  return readdirSync(top, { recursive: true, encoding: "utf8" })
    .map((name) => `${folder}/${name}`)
    .filter((path) => pattern.test(path) && !/(^|\/)(node_modules|dist)\//.test(path))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") }));
}

function subfolders(parent: string): string[] {
  return readdirSync(join(ROOT, parent), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${parent}/${entry.name}`);
}
