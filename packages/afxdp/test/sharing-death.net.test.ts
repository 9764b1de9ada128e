import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { createLinuxKernel } from "afxdp";
import { afterEach, expect, it } from "vitest";
import { open } from "./support/open.js";

const VICTIM = fileURLToPath(new URL("./support/sharing-victim.mjs", import.meta.url));

describeOnKernel("sockets that share and are not closed", () => {
  const lab = useLab({ queues: 2, ipv6: false });
  afterEach(async () => {
    const kernel = createLinuxKernel();
    expect(kernel.attachedProgram(kernel.interfaceState(lab.a.device).index)).toBeUndefined();
    for (const queue of [0, 1]) {
      await (await open(lab, "both", { queue, busyTimeoutMs: 1000 })).close();
    }
  });

  /** Runs the victim in the lab's namespace, where the thread is. */
  const run = (way: string) =>
    spawnSync(process.execPath, ["--expose-gc", VICTIM, lab.a.device, way], {
      encoding: "utf8",
      timeout: 30_000,
    });

  it.each([
    ["exit", 0, ""],
    ["throw", 1, "uncaught, as the test wants it"],
  ])("%s: they are closed in order, without a word", (way, status, said) => {
    const { status: ended, stdout, stderr } = run(way);
    expect([ended, stdout]).toEqual([status, "open\n"]);
    expect(stderr).toContain(said);
    expect(stderr).not.toMatch(/ERR_XDP|AFXDP/);
  });

  it("drop: each is told of and closed, and all can be opened again", () => {
    const { status, stdout, stderr } = run("drop");
    expect([status, stderr.includes("ERR_XDP")]).toEqual([0, false]);
    const lines = stdout.trim().split("\n");
    expect(lines[0]).toBe("open");
    expect(lines.at(-1)).toBe("opened again");
    // An owner is held by its sharers; whoever is collected with them is closed with them.
    expect(lines.slice(1, -1).length).toBeGreaterThan(0);
    expect(new Set(lines.slice(1, -1))).toEqual(new Set(["AFXDP_NOT_CLOSED"]));
  });
});
