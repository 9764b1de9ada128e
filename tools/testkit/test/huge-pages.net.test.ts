import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { withHugePages } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { expect, it } from "vitest";

const KB = 2048;
const pages = (): number =>
  Number(readFileSync(`/sys/kernel/mm/hugepages/hugepages-${KB}kB/nr_hugepages`, "utf8"));

describeOnKernel("withHugePages", () => {
  // Under the lock, so that nobody else's pages are counted.
  const before = (): number => withHugePages(0, KB, pages);

  it("has pages for as long as it runs, and returns what the body returns", () => {
    const there = before();
    expect(withHugePages(2, KB, () => pages())).toBe(there + 2);
    expect(before()).toBe(there);
  });

  it("keeps them until a promise settles", async () => {
    const there = before();
    const body = withHugePages(1, KB, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return pages();
    });
    expect(await body).toBe(there + 1);
    expect(before()).toBe(there);
  });

  it("gives them back when the body fails, at once or later", async () => {
    const there = before();
    const fail = (): never => {
      throw new Error("on purpose");
    };
    expect(() => withHugePages(1, KB, fail)).toThrow("on purpose");
    await expect(withHugePages(1, KB, async () => fail())).rejects.toThrow("on purpose");
    expect(before()).toBe(there);
  });

  it("says so, and changes nothing, when the memory is not there", () => {
    const there = before();
    expect(() => withHugePages(1 << 30, KB, () => {})).toThrow("has memory for");
    expect(before()).toBe(there);
  });

  it("says which sizes there are when it is asked for another", () => {
    expect(() => withHugePages(1, 3, () => {})).toThrow("hugepages-2048kB");
  });

  it("cannot be used inside of itself", () => {
    expect(() => withHugePages(1, KB, () => withHugePages(1, KB, () => {}))).toThrow("EEXIST");
  });

  /** A process that says how many pages there are once it has one more, and then stays. */
  const start = async (): Promise<{ child: ChildProcess; count: number }> => {
    const script = `
      import { withHugePages } from ${JSON.stringify(import.meta.resolve("@afxdp/testkit"))};
      import { readFileSync } from "node:fs";
      const path = "/sys/kernel/mm/hugepages/hugepages-${KB}kB/nr_hugepages";
      await withHugePages(1, ${KB}, () => {
        process.stdout.write(readFileSync(path));
        return new Promise((resolve) => process.stdin.once("end", resolve).resume());
      });`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const count = await new Promise<number>((resolve) =>
      child.stdout?.once("data", (text) => resolve(Number(text))),
    );
    return { child, count };
  };
  const ended = (child: ChildProcess): Promise<unknown> =>
    new Promise((resolve) => child.once("exit", resolve));

  it("lets one process at a time", async () => {
    const there = before();
    const first = await start();
    const second = start();
    first.child.stdin?.end();
    expect(first.count).toBe(there + 1);
    // Not two more: the first had given back.
    const { child, count } = await second;
    expect(count).toBe(there + 1);
    child.stdin?.end();
    await ended(child);
    expect(before()).toBe(there);
  });

  it("gives back what a killed process had, and leaves no file", async () => {
    const there = before();
    const { child } = await start();
    child.kill("SIGKILL");
    await ended(child);
    expect(pages()).toBe(there + 1);
    expect(before()).toBe(there);
    expect(readdirSync("/run/afxdp-huge-pages")).not.toContain(`${child.pid}`);
  });
});
