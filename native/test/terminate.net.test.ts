import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { expect, it } from "vitest";
import { programPath } from "./programs.js";

const SCRIPT = fileURLToPath(new URL("./workers/terminate-loop.mjs", import.meta.url));
const ROUNDS = 40;

describeOnKernel("a Worker that is terminated inside of the addon takes nobody with it", () => {
  it.each(["create", "interface", "type", "program", "broken program", "exit"])(
    "in the middle of: %s",
    (what) => {
      const object = what === "program" || what === "exit" ? [programPath("redirect")] : [];
      const args = [SCRIPT, what, String(ROUNDS), ...object];
      const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, {
        encoding: "utf8",
        timeout: 50_000,
      });
      expect({ status, signal, stdout, stderr }).toEqual({
        status: 0,
        signal: null,
        stdout: "survived\n",
        stderr: "",
      });
    },
  );
});
