import { loadSteering, redirect } from "@afxdp/bpf";
import { createLinuxKernel } from "@afxdp/native";
import { footprint } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { beforeAll, expect, it } from "vitest";
import { introduce, payloadOf, sendUdp } from "./support/udp.js";
import { openXsk, shareXsk, takeUntil } from "./support/xsk.js";

describeOnKernel("two sockets of one queue, each in a slot of its own", () => {
  const kernel = createLinuxKernel();
  const lab = useLab({ ipv6: false });
  beforeAll(() => introduce(lab.b, lab.a));

  it.each(["skb", "drv"] as const)(
    "each get what their rules select, the lower slot first, in mode %s",
    async (mode) => {
      const { index } = kernel.interfaceState(lab.a.device);
      const before = footprint();
      const program = loadSteering(kernel, {
        rules: redirect.udp({ port: 9000 }),
        queues: 1,
        slots: 2,
      });
      const first = openXsk(kernel, index);
      program.enter(0, first.fd);
      program.attach(index, lab.a.device, mode);
      const to = { address: lab.a.ipv4, port: 9000 };
      sendUdp(lab.b, to, "alone");
      expect((await takeUntil(first, 1)).map(({ bytes }) => payloadOf(bytes))).toEqual(["alone"]);

      // The second one joins while packets may flow; both select the datagrams to port 9000.
      const second = shareXsk(kernel, index, first);
      const slot = program.addSlot(redirect.protocol("udp"));
      program.enter(0, second.fd, slot);
      sendUdp(lab.b, to, "first");
      sendUdp(lab.b, { ...to, port: 9001 }, "second");
      expect((await takeUntil(second, 1)).map(({ bytes }) => payloadOf(bytes))).toEqual(["second"]);
      expect((await takeUntil(first, 1)).map(({ bytes }) => payloadOf(bytes))).toEqual(["first"]);

      program.leave(0);
      sendUdp(lab.b, to, "passed over");
      expect((await takeUntil(second, 1)).map(({ bytes }) => payloadOf(bytes))).toEqual([
        "passed over",
      ]);
      expect(first.take()).toEqual([]);

      program.removeSlot(slot);
      program.close();
      second.close();
      first.close();
      expect(footprint()).toEqual(before);
    },
  );
});
