import { execFileSync } from "node:child_process";
import { createLab, describeOnKernel } from "@afxdp/testkit";
import { expect, it } from "vitest";

/** Opens a socket, forgets it, collects, and tells whether the queue can be had again. */
const PROGRAM = `
  import { beginSetup, XdpSocket } from "@afxdp/driver";
  import { createLinuxKernel } from "@afxdp/native";
  const kernel = createLinuxKernel();
  const open = async (busyTimeoutMs) => {
    const bound = await beginSetup(kernel, process.argv[1], 0)
      .socket().umem({ frameCount: 64 }).fill(64).completion(64).rx(64).map().prefill().bind({ busyTimeoutMs });
    return new XdpSocket(bound.mode());
  };
  process.on("warning", ({ name, code, message }) => console.log(name, code, message));
  await open(0);
  for (let i = 0; i < 5; i++) { globalThis.gc(); await new Promise((r) => setTimeout(r, 10)); }
  await (await open(1000)).close();
  console.log("opened again");`;

describeOnKernel("a socket that is dropped without close()", () => {
  it("warns, and is closed when it is collected", () => {
    const lab = createLab();
    const leave = lab.a.enter();
    try {
      const output = execFileSync(
        process.execPath,
        ["--expose-gc", "--no-warnings", "--input-type=module", "-e", PROGRAM, lab.a.device],
        { cwd: import.meta.dirname, encoding: "utf8" },
      );
      expect(output.trim().split("\n")).toEqual([
        `AfxdpWarning AFXDP_NOT_CLOSED The AF_XDP socket on ${lab.a.device} queue 0 was dropped without close(); it is closed now.`,
        "opened again",
      ]);
    } finally {
      leave();
      lab.close();
    }
  });
});
