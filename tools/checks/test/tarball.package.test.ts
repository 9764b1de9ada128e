import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { command } from "../src/command.ts";
import { packAll, temporaryFolder } from "../src/tarballs.ts";
import { ROOT, readPublished } from "../src/workspace.ts";

const published = readPublished();
const bin = (name: string): string => join(ROOT, "tools/checks/node_modules/.bin", name);
const REQUIRED = ["dist/index.js", "dist/index.d.ts", "README.md", "LICENSE"].map(
  (file) => `package/${file}`,
);
const folder = temporaryFolder();
let tarballs: ReadonlyMap<string, string>;

beforeAll(async () => {
  tarballs = await packAll(published, folder.path);
});
afterAll(() => folder.remove());

describe.each(published.map((pkg) => [pkg.manifest.name] as const))("the tarball of %s", (name) => {
  const tarball = (): string => tarballs.get(name) ?? "";

  test("passes publint", async () => {
    await command(bin("publint"), [tarball(), "--strict"], folder.path);
  });

  test("has types that resolve from an ES module (attw)", async () => {
    await command(bin("attw"), [tarball(), "--profile", "esm-only", "--no-emoji"], folder.path);
  });

  test("holds what was built, its README and the licence, and nothing of the build", async () => {
    const { stdout } = await command("tar", ["-tzf", tarball()], folder.path);
    const files = stdout.trim().split("\n");
    expect(REQUIRED.filter((file) => !files.includes(file))).toEqual([]);
    expect(files.filter((file) => /tsbuildinfo|node_modules|\/test\//.test(file))).toEqual([]);
  });

  test("names no folder of this machine", async () => {
    const unpacked = join(folder.path, name.replace("/", "-"));
    await command("mkdir", [unpacked], folder.path);
    await command("tar", ["-xzf", tarball(), "-C", unpacked], folder.path);
    const { stdout } = await command("find", [unpacked, "-type", "f"], folder.path);
    const found: string[] = [];
    for (const file of stdout.trim().split("\n")) {
      if ((await readFile(file)).includes(ROOT)) found.push(file);
    }
    expect(found).toEqual([]);
  });

  test("depends on exact versions, not on the workspace", async () => {
    const { stdout } = await command("tar", ["-xzOf", tarball(), "package/package.json"], ROOT);
    expect(stdout).not.toContain("workspace:");
  });
});
