import { cp, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { command } from "../src/command.ts";
import { packAll, temporaryFolder } from "../src/tarballs.ts";
import { ROOT, readPublished } from "../src/workspace.ts";

// What somebody gets who installs the packages: far from the workspace, from tarballs.
const folder = temporaryFolder();
let tarballs: ReadonlyMap<string, string>;

beforeAll(async () => {
  tarballs = await packAll(readPublished(), folder.path);
});
afterAll(() => folder.remove());

/** An empty project with the tarballs of these packages and the programs of tools/checks/consumer. */
async function project(name: string, packages: readonly string[]): Promise<string> {
  const path = join(folder.path, name);
  await mkdir(path);
  await writeFile(join(path, "package.json"), JSON.stringify({ private: true }));
  const files = packages.map((key) => tarballs.get(key) ?? key);
  await command("npm", ["install", "--prefix", path, "--prefer-offline", ...files], path);
  await cp(join(ROOT, "tools/checks/consumer"), path, { recursive: true });
  return path;
}

describe("@afxdp/ring by itself", () => {
  let path: string;
  beforeAll(async () => {
    path = await project("ring", ["@afxdp/core", "@afxdp/ring"]);
  });

  test("brings the core and nothing else", async () => {
    expect((await readdir(join(path, "node_modules/@afxdp"))).sort()).toEqual(["core", "ring"]);
    expect(await readdir(join(path, "node_modules"))).not.toContain("afxdp");
  });

  test.each(["ring.mjs", "ring.cjs"])("moves a descriptor in %s", async (program) => {
    const { stdout } = await command(process.execPath, [program], path);
    expect(stdout).toBe("a descriptor: 2048 60\n");
  });
});

describe("the facade", () => {
  let path: string;
  beforeAll(async () => {
    path = await project("facade", [...tarballs.keys()]);
  });

  test("has one copy of each package", async () => {
    const { stdout } = await command(
      "find",
      ["node_modules", "-path", "*afxdp*", "-name", "node_modules"],
      path,
    );
    expect(stdout).toBe("");
  });

  test("type-checks in a strict TypeScript project", async () => {
    const compilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
      noEmit: true,
      target: "es2023",
      lib: ["es2023", "esnext.disposable"],
      module: "nodenext",
      typeRoots: [join(ROOT, "node_modules/@types")],
      types: ["node"],
    };
    const config = { compilerOptions, files: ["types.mts"] };
    await writeFile(join(path, "tsconfig.json"), JSON.stringify(config));
    await command(join(ROOT, "node_modules/.bin/tsc"), ["-p", "tsconfig.json"], path);
  });

  test.each(["socket.mjs", "socket.cjs"])("sends and receives a packet in %s", async (program) => {
    const veth = [
      "echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6",
      "ip link add v0 type veth peer name v1",
      "ip link set v0 up",
      "ip link set v1 up",
    ];
    // The namespace and the pair in it go when the program ends.
    const script = [...veth, `exec "${process.execPath}" ${program}`].join(" && ");
    const { stdout } = await command("unshare", ["--net", "sh", "-c", script], path);
    expect(stdout).toBe("v0 sent, v1 received 60 bytes\n");
  });
});
