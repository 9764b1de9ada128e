import { exchangeUdp } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { redirect, type Socket } from "afxdp";
import { expect, it } from "vitest";
import { ECHO_PORT, echoServer } from "./support/echo.js";
import { open } from "./support/open.js";

const COUNT = 3000;

describeOnKernel("an echo server answers every datagram of the kernel's stack", () => {
  const lab = useLab();

  async function serve(socket: Socket, how: "run" | "listen" | "for await"): Promise<void> {
    const stop = new AbortController();
    const echo = echoServer(lab);
    const { signal } = stop;
    const server = (async () => {
      if (how === "run") return socket.run(echo, { signal });
      if (how === "listen") return socket.listen(echo, { signal });
      for await (const batch of socket.batches({ signal })) echo(batch);
    })();
    const client = exchangeUdp(lab.b, { address: lab.a.ipv4, port: ECHO_PORT, count: COUNT });
    const { returned, wrong } = await Promise.race([
      client,
      server.then(() => Promise.reject(new Error("the server ended first"))),
    ]);
    stop.abort();
    await expect(server).rejects.toMatchObject({ code: "ERR_XDP_ABORTED", name: "AbortError" });
    expect({ returned, wrong }).toEqual({ returned: COUNT, wrong: 0 });
  }

  for (const mode of ["skb", "drv", "auto"] as const) {
    for (const how of ["run", "listen", "for await"] as const) {
      it(`in mode ${mode} by ${how}`, async () => {
        const rules = redirect.udp({ port: ECHO_PORT });
        const socket = await open(lab, "both", { mode, rules });
        try {
          expect(socket.mode).toMatchObject({
            xdp: mode === "auto" ? "drv" : mode,
            zeroCopy: false,
          });
          await serve(socket, how);
          const stats = socket.stats();
          expect(stats).toMatchObject({ rxPackets: COUNT, txPackets: COUNT, rxInvalid: 0 });
          expect(stats.invalidCompletions + stats.kernel.rxDropped).toBe(0);
          expect(stats.frames).toMatchObject({ application: 0, transmit: 0, fill: 128 });
        } finally {
          const { free, fill, total } = await socket.close();
          expect(free + fill).toBe(total);
        }
      });
    }
  }
});
