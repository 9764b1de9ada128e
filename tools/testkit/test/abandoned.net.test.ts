import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createLab } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { expect, it } from "vitest";

const HERE = import.meta.dirname;
const BUILD = `
  const { createLab } = await import("@afxdp/testkit");
  const lab = createLab();
  console.log(lab.a.path);`;

describeOnKernel("a lab that nobody closes", () => {
  it("goes when its process exits", () => {
    const script = `${BUILD} process.exit(0);`;
    const path = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
      cwd: HERE,
      encoding: "utf8",
    }).trim();
    expect(path).toMatch(/^\/run\/netns\/afxdp-\d+-0-a$/);
    expect(existsSync(path)).toBe(false);
  });

  it("goes when the next is made, if its process was killed", async () => {
    const child = spawn(
      process.execPath,
      ["--input-type=module", "-e", `${BUILD} setInterval(() => {}, 1000);`],
      { cwd: HERE, stdio: ["ignore", "pipe", "inherit"] },
    );
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const path = line.toString().trim();
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
    expect(existsSync(path)).toBe(true);
    createLab().close();
    expect(existsSync(path)).toBe(false);
  });
});
