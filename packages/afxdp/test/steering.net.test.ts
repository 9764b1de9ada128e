import { once } from "node:events";
import { exchangeUdp } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { redirect } from "afxdp";
import { expect, it } from "vitest";
import { ECHO_PORT, echoServer } from "./support/echo.js";
import { open } from "./support/open.js";

/** A TCP echo server and a client that checks a megabyte through it, as scripts for `node -e`. */
const TCP_SERVER = `require("node:net").createServer((s) => s.pipe(s)).listen(7000, "0.0.0.0", () => console.log("up"))`;
const TCP_CLIENT = `
  const data = require("node:crypto").randomBytes(1 << 20), parts = [];
  const s = require("node:net").connect(7000, process.argv[1], () => s.end(data));
  s.on("data", (part) => parts.push(part)).on("end", () => {
    console.log(Buffer.concat(parts).equals(data) ? "same" : "different"); process.exit(0); });
  s.on("error", (error) => { console.log(error.code); process.exit(1); });`;

describeOnKernel("rules leave other traffic to the kernel's stack", () => {
  const lab = useLab();

  it.each(["skb", "drv"] as const)(
    "in mode %s a TCP connection over the same interface works while UDP port 9000 is taken",
    async (mode) => {
      const server = lab.a.spawn(process.execPath, ["-e", TCP_SERVER]);
      await once(server.stdout as NodeJS.ReadableStream, "data");
      const socket = await open(lab, "both", { mode, rules: redirect.udp({ port: ECHO_PORT }) });
      const stop = new AbortController();
      const serving = socket
        .listen(echoServer(lab), { signal: stop.signal })
        .catch(() => undefined);
      try {
        const tcp = lab.b.spawn(process.execPath, ["-e", TCP_CLIENT, lab.a.ipv4]);
        const said = once(tcp.stdout as NodeJS.ReadableStream, "data");
        const udp = exchangeUdp(lab.b, { address: lab.a.ipv4, port: ECHO_PORT, count: 2000 });
        expect(String(await said).trim()).toBe("same");
        expect(await udp).toMatchObject({ returned: 2000, wrong: 0 });
        expect(lab.b.run("ping", "-q", "-c", "3", "-i", "0.05", lab.a.ipv4)).toContain(
          "3 received",
        );
        expect(socket.stats().rxPackets).toBe(2000);
      } finally {
        stop.abort();
        await serving;
        await socket.close();
        server.kill();
      }
    },
  );
});
