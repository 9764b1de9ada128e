import { execFileSync } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";

/** A BPF file system for all tests of a `describe`, apart from the machine's; what is pinned in it goes with it. */
export function useBpfFs(): { path(name: string): string } {
  let folder = "";
  const unmount = (): void => {
    if (folder === "") return;
    execFileSync("umount", [folder]);
    rmdirSync(folder);
    folder = "";
  };
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "afxdp-bpffs-"));
    try {
      execFileSync("mount", ["-t", "bpf", "bpf", folder]);
    } catch (error) {
      rmdirSync(folder);
      folder = "";
      throw error;
    }
    process.once("exit", unmount);
  });
  afterAll(() => {
    unmount();
    process.off("exit", unmount);
  });
  return { path: (name) => join(folder, name) };
}
