import type { XdpSocket } from "@afxdp/driver";
import { createLinuxKernel } from "@afxdp/native";
import { footprint } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { MODES, receiveCopies } from "../support/driver-socket.js";
import { Bed, marked } from "./bed.js";

const COUNT = 300;

describeOnKernel("a packet that goes on by another socket of the UMEM", () => {
  const lab = useLab({ ipv6: false });
  beforeAll(() => {
    // A second cable between the two hosts.
    const peer = ["peer", "name", "vb2", "netns", lab.b.namespace];
    lab.a.run("ip", "link", "add", "va2", "type", "veth", ...peer);
    lab.a.run("ip", "link", "set", "va2", "up");
    lab.b.run("ip", "link", "set", "vb2", "up");
  });

  describe.each(MODES)("in %s mode", (mode) => {
    let bed: Bed;
    let before: ReturnType<typeof footprint>;
    let source: XdpSocket;
    let sink: XdpSocket;
    let entry: XdpSocket;
    let exit: XdpSocket;
    beforeEach(async () => {
      before = footprint();
      bed = new Bed(createLinuxKernel(), mode);
      source = await bed.open({ host: lab.b, mark: 0 });
      sink = await bed.open({ host: lab.b, device: "vb2", mark: 0 });
      entry = await bed.open({ host: lab.a, mark: 0 });
      exit = await bed.open({ host: lab.a, device: "va2", umemOf: entry, mark: 0 });
    });
    afterEach(async () => {
      expect(entry.umem.audit()).toBe(true);
      await bed.close();
      expect(entry.frames).toMatchObject({ application: 0, transmit: 0, fill: 64, total: 256 });
      expect(footprint()).toEqual(before);
    });

    it("is not copied: its frame goes from the first queue's account to the other's", async () => {
      expect(source.send(marked(lab.a, lab.b, 0, 100))).toBe(true);
      expect(await entry.readable({ timeoutMs: 2000 })).toBe(true);
      const sent: number[] = [];
      entry.receive((batch) => {
        const address = batch.address(0);
        expect(entry.umem.stateOf(address)).toBe("application");
        expect(exit.transmit(address, batch.length(0))).toBe(true);
        expect(entry.umem.stateOf(address)).toBe("transmit");
        sent.push(address);
      });
      expect(sent.length).toBe(1);
      exit.flush();
      expect(await receiveCopies(sink, 1)).toEqual([marked(lab.a, lab.b, 0, 100)]);
      expect(await exit.drained({ timeoutMs: 2000 })).toBe(true);
      expect(entry.stats().frames).toMatchObject({ transmit: 0, fill: 128, free: 128 });
      expect(exit.stats()).toMatchObject({ txPackets: 1, invalidCompletions: 0 });
    });

    it("arrives whole across interfaces, all of many, and no frame is lost", async () => {
      const packets = Array.from({ length: COUNT }, (_, i) => marked(lab.a, lab.b, 0, 60 + i, i));
      const arrived: Uint8Array[] = [];
      for (const packet of packets) {
        expect(source.send(packet)).toBe(true);
        expect(await entry.readable({ timeoutMs: 2000 })).toBe(true);
        entry.receive((batch) => {
          for (let i = 0; i < batch.count; i++) expect(batch.forward(i, exit)).toBe(true);
        });
        arrived.push(...(await receiveCopies(sink, 1)));
      }
      expect(arrived).toEqual(packets);
      expect(await exit.drained({ timeoutMs: 2000 })).toBe(true);
      expect(entry.frames).toMatchObject({ fill: 128, transmit: 0, application: 0 });
    });

    it("comes across namespaces into the same UMEM", async () => {
      await exit.close();
      const there = await bed.open({
        host: lab.b,
        device: "vb2",
        queue: 0,
        queueOf: sink,
        mark: 1,
      });
      const other = await bed.open({ host: lab.a, device: "va2", umemOf: sink, mark: 0 });
      expect(other.umem).toBe(there.umem);
      expect(other.send(marked(lab.b, lab.a, 1, 200))).toBe(true);
      expect(await receiveCopies(there, 1)).toEqual([marked(lab.b, lab.a, 1, 200)]);
    });
  });
});
