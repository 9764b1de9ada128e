import { execFileSync } from "node:child_process";
import { createLab } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
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
  if (process.argv[2] === "set-up") {
    beginSetup(kernel, process.argv[1], 0).socket().umem({ frameCount: 64 }).fill(64).completion(64).rx(64).map();
  } else if (process.argv[2] === "awaited") {
    const still = await (async () => {
      const socket = await open(0);
      return [socket.readable({ timeoutMs: 100 })];
    })();
    globalThis.gc();
    console.log(await still[0]);
  } else if (process.argv[2] === "owner") {
    const share = async (owner) => {
      const needs = beginSetup(kernel, process.argv[1], 0).socket().shareQueue(owner).rx(64).map().prefill();
      return new XdpSocket((await needs.bind()).mode());
    };
    let sharer = await share(await open(0));
    for (let i = 0; i < 5; i++) { globalThis.gc(); await new Promise((r) => setTimeout(r, 10)); }
    console.log(await sharer.readable({ timeoutMs: 1 }), sharer.frames.total);
    sharer = undefined;
  } else {
    await open(0);
  }
  for (let i = 0; i < 5; i++) { globalThis.gc(); await new Promise((r) => setTimeout(r, 10)); }
  await (await open(1000)).close();
  console.log("opened again");`;

describeOnKernel("a socket that is dropped without close()", () => {
  function run(what: string): string[] {
    const lab = createLab();
    const leave = lab.a.enter();
    try {
      const flags = ["--expose-gc", "--no-warnings", "--input-type=module"];
      const output = execFileSync(process.execPath, [...flags, "-e", PROGRAM, lab.a.device, what], {
        cwd: import.meta.dirname,
        encoding: "utf8",
      });
      return output.trim().split("\n");
    } finally {
      leave();
      lab.close();
    }
  }
  const warning = (what: string): string =>
    `AfxdpWarning AFXDP_NOT_CLOSED ${what} va queue 0 was dropped without close(); it is closed now.`;

  it("warns, and is closed when it is collected", () => {
    expect(run("socket")).toEqual([warning("The AF_XDP socket on"), "opened again"]);
  });

  it("warns when it was only half set up", () => {
    expect(run("set-up")).toEqual([warning("A set-up on"), "opened again"]);
  });

  it("is not dropped while another shares with it; then both are closed, the other first", () => {
    const [first, ...others] = run("owner");
    expect(first).toBe("false 64");
    expect(others.at(-1)).toBe("opened again");
    expect(others.slice(0, -1)).toContain(warning("The AF_XDP socket on"));
  });

  it("is not dropped while something is awaited on it", () => {
    expect(run("awaited")).toEqual(["false", warning("The AF_XDP socket on"), "opened again"]);
  });
});
