import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { createLab } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "..");

describeOnKernel("the README", () => {
  it("has an example that opens a socket, receives a packet and closes", async () => {
    const readme = readFileSync(join(root, "README.md"), "utf8");
    const example = /^```js\n(.*?)^```/ms.exec(readme)?.[1];
    const lab = createLab();
    const leave = lab.a.enter();
    try {
      const program = example?.replace('"veth0"', `"${lab.a.device}"`) ?? "";
      const running = promisify(execFile)(
        process.execPath,
        ["--input-type=module", "-e", program],
        { cwd: root, encoding: "utf8" },
      );
      const SENDER = `
        const socket = require("node:dgram").createSocket("udp4");
        const timer = setInterval(() => socket.send(Buffer.alloc(18), 9000, process.argv[1]), 20);`;
      const sender = lab.b.spawn(process.execPath, ["-e", SENDER, lab.a.ipv4]);
      const { stdout } = await running;
      sender.kill();
      expect(stdout).toMatch(/^(60 bytes\n)+$/);
    } finally {
      leave();
      lab.close();
    }
  });
});
