import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statfsSync } from "node:fs";
import { mountBpfFs } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { expect, it } from "vitest";

const BPF_FS_MAGIC = 0xcafe4a11;

describeOnKernel("a BPF file system of its own", () => {
  it("is mounted empty, and gone after close, which may come twice", () => {
    const { path, close } = mountBpfFs();
    expect(statfsSync(path).type).toBe(BPF_FS_MAGIC);
    expect(readdirSync(path).filter((name) => !name.endsWith(".debug"))).toEqual([]);
    close();
    close();
    expect(existsSync(path)).toBe(false);
  });

  it("of a process that ended is gone, and of one that was killed is removed by the next", () => {
    const kit = new URL("../dist/index.js", import.meta.url).href;
    const pathAfter = (end: string): string => {
      const script = `const { mountBpfFs } = await import("${kit}");
        require("node:fs").writeSync(1, mountBpfFs().path); ${end}`;
      try {
        return execFileSync(process.execPath, ["-e", `(async () => { ${script} })()`], {
          encoding: "utf8",
        });
      } catch (error) {
        return (error as { stdout: string }).stdout;
      }
    };
    expect(existsSync(pathAfter(""))).toBe(false);
    const left = pathAfter('process.kill(process.pid, "SIGKILL")');
    expect(left).toMatch(/^\/tmp\/afxdp-bpf-/);
    mountBpfFs().close();
    expect(existsSync(left)).toBe(false);
  });
});
