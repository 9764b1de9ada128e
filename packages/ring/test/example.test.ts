import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";

it("the example of two threads receives every byte that it sends", { timeout: 30_000 }, () => {
  const example = join(import.meta.dirname, "../examples/two-workers.mjs");
  const [sent, received] = execFileSync(process.execPath, [example], {
    encoding: "utf8",
    timeout: 25_000,
  }).split("\n");
  expect(sent).toMatch(/^sent {5}1000000 packets, \d+ bytes$/);
  expect(received).toBe(sent?.replace("sent    ", "received"));
});
