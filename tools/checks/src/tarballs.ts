import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command } from "./command.ts";
import { type Package, ROOT } from "./workspace.ts";

/** Packs packages as they would be published: name to path of the tarball. */
export async function packAll(
  packages: readonly Package[],
  folder: string,
): Promise<ReadonlyMap<string, string>> {
  const tarballs = new Map<string, string>();
  for (const { manifest, folder: source } of packages) {
    const { stdout } = await command(
      "pnpm",
      ["pack", "--json", "--pack-destination", folder],
      join(ROOT, source),
    );
    const { filename } = JSON.parse(stdout) as { filename: string };
    tarballs.set(manifest.name, filename);
  }
  return tarballs;
}

/** A folder of its own outside of the workspace, and what removes it again. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "afxdp-package-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
