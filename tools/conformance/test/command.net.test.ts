import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { redirectObject } from "@afxdp/conformance";
import { createLinuxKernel } from "@afxdp/native";
import { createLab } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { afterAll, beforeAll, expect, test } from "vitest";

const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));

/** A module that has `poll` say POLLIN of whatever is asked, whether there is something or not. */
const POLLIN_ALWAYS = `data:text/javascript,${encodeURIComponent(`
  const { dlopen } = process;
  process.dlopen = (target, ...rest) => {
    dlopen(target, ...rest);
    if (target.exports.poll !== undefined) target.exports = { ...target.exports, poll: () => 1 };
  };`)}`;

function conformance(...args: readonly string[]) {
  return spawnSync(process.execPath, [MAIN, ...args], { encoding: "utf8" });
}

describeOnKernel("the command", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "afxdp-conformance-test-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("prints a table, reasons, the profile and counts, and writes all of it as JSON", () => {
    const json = join(folder, "report.json");
    const { status, stdout, stderr } = conformance("--case", "2", "--case", "29", "--json", json);
    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ 2 {2}SEND_RECEIVE_SINGLE_PKT {2}pass .*skip/m);
    expect(stdout).toMatch(/^Skipped\n {2}va has no rings of its own/m);
    expect(stdout).toMatch(/^Profile\n {2}multiBuffer/m);
    expect(stdout).toMatch(/4 passed, 0 failed, 8 skipped in [\d.]+ s\n$/);
    const report = JSON.parse(readFileSync(json, "utf8"));
    expect(report.counts).toEqual({ pass: 4, FAIL: 0, skip: 8 });
    expect(report.results).toHaveLength(12);
    expect(new Set(report.results.map(({ number }: { number: number }) => number))).toEqual(
      new Set([2, 29]),
    );
    expect(Object.keys(report.profiles)).toEqual(["SKB", "DRV"]);
  });

  test("ends with 1 when a case fails, and says what was seen, also in JSON", () => {
    const json = join(folder, "failed.json");
    const args = ["--case", "POLL_RX", "--case", "POLL_RXQ_FULL", "--mode", "skb", "--json", json];
    const { status, stdout } = spawnSync(
      process.execPath,
      ["--import", POLLIN_ALWAYS, MAIN, ...args],
      {
        encoding: "utf8",
      },
    );
    expect(status).toBe(1);
    expect(stdout).toMatch(/^3 {2}POLL_RX +pass +pass$/m);
    expect(stdout).toMatch(/^5 {2}POLL_RXQ_FULL +FAIL +FAIL$/m);
    expect(stdout).toMatch(/^Failed\n {2}POLL_RXQ_FULL \(SKB, interrupt\):\n {4}poll\(POLLIN\)/m);
    expect(stdout).toMatch(/2 passed, 2 failed, 0 skipped/);
    const { counts, results } = JSON.parse(readFileSync(json, "utf8"));
    expect(counts).toEqual({ pass: 2, FAIL: 2, skip: 0 });
    expect(results[1]).toMatchObject({
      name: "POLL_RXQ_FULL",
      column: { mode: "SKB", wait: "interrupt" },
      verdict: "FAIL",
      detail: expect.stringContaining("poll(POLLIN) without a sender"),
    });
  });

  test("runs on two interfaces that exist, and leaves them as they were", () => {
    const lab = createLab({ queues: 2, ipv6: false });
    try {
      const ends = `va@${lab.a.path},vb@${lab.b.path}`;
      const cases = ["24", "LINK_DOWN_UP", "DEVICE_REMOVED"].flatMap((name) => ["--case", name]);
      const looks = (): string[] =>
        [lab.a, lab.b].map((host) => host.run("ip", "-d", "link", "show", host.device));
      const before = looks();
      const kept = conformance("--interface", ends, "--mode", "drv", ...cases);
      expect(kept.stdout).toMatch(/0 passed, 0 failed, 6 skipped/);
      const changed = conformance("--interface", ends, "--change", "--mode", "drv", ...cases);
      expect(changed.stdout).toMatch(/4 passed, 0 failed, 2 skipped/);
      expect(changed.stdout).toContain("these interfaces may not be removed");
      expect(looks()).toEqual(before);
    } finally {
      lab.close();
    }
  });

  test("refuses an interface that is missing, down or in use, before anything is done", () => {
    const lab = createLab({ ipv6: false });
    try {
      const on = (a: string) => conformance("--interface", `${a},vb@${lab.b.path}`);
      expect(on("nothere")).toMatchObject({ status: 2, stderr: expect.stringMatching(/nothere/) });
      expect(on("va@/run/netns/nowhere")).toMatchObject({
        status: 2,
        stderr: expect.stringMatching(/ENOENT/),
      });
      const kernel = createLinuxKernel();
      const leave = lab.a.enter();
      const { program, maps } = kernel.loadProgram({ object: redirectObject() });
      const link = kernel.attachProgram(program, kernel.interfaceState("va").index, 0);
      leave();
      expect(on(`va@${lab.a.path}`)).toMatchObject({
        status: 2,
        stderr: expect.stringMatching(/va has XDP program \d+ \w+ \(drv\): detach it first/),
      });
      for (const fd of [link, program, ...Object.values(maps)]) kernel.close(fd);
      lab.a.run("ip", "link", "set", "dev", "va", "down");
      expect(on(`va@${lab.a.path}`)).toMatchObject({
        status: 2,
        stderr: expect.stringMatching(/va is down/),
      });
    } finally {
      lab.close();
    }
  });

  test("refuses a file that it cannot write before it runs anything", () => {
    const { status, stdout, stderr } = conformance("--json", join(folder, "no", "report.json"));
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain("--json: ENOENT");
  });

  test("ends with 130 on Ctrl-C once its case is undone, and leaves no namespace", async () => {
    const child = spawn(process.execPath, [MAIN, "--case", "13", "--mode", "skb"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let printed = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      printed += text;
    });
    const mine = () => readdirSync("/run/netns").filter((name) => name.includes(`-${child.pid}-`));
    await expect.poll(mine, { timeout: 10_000 }).toHaveLength(2);
    child.kill("SIGINT");
    const [status] = await once(child, "exit");
    expect(status).toBe(130);
    expect(printed).toMatch(/0 failed/);
    expect(mine()).toEqual([]);
  });
});
