import { footprint } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { afxdp } from "afxdp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { counted } from "../../driver/test/support/counted.js";
import { DESCRIPTOR_ROWS, METADATA } from "./support/descriptor-rows.js";
import { RawSender } from "./support/raw-sender.js";

describeOnKernel("what the contract calls an invalid packet to send", () => {
  const lab = useLab({ ipv6: false });
  const { kernel, calls } = counted();
  let before: ReturnType<typeof footprint>;
  beforeEach(() => {
    before = footprint();
  });
  afterEach(() => expect(footprint()).toEqual(before));

  describe.each(DESCRIPTOR_ROWS)("$what", ({ umem, say, code, descriptors, answer }) => {
    it.runIf(say !== undefined)(
      `the socket says ${code}, makes no call and stages no descriptor`,
      async () => {
        const sized = afxdp(lab.a.device, { kernel }).umem(umem).fill(32).completion(32);
        await using socket = await sized.tx(32).open({ zeroCopy: "never" });
        const frame = socket.allocate();
        const held = socket.frames;
        const bytes = Buffer.from(socket.umem.arena.bytes);
        calls.splice(0);
        expect(() => say?.(socket, frame)).toThrow(expect.objectContaining({ code }));
        expect(calls).toEqual([]);
        expect(socket.frames).toEqual(held);
        // Neither a ring nor a frame has changed.
        expect(bytes.equals(socket.umem.arena.bytes)).toBe(true);
        expect(socket.flush()).toBe(0);
        expect(socket.stats()).toMatchObject({ txQueued: 0, txPackets: 0 });
        expect(socket.stats().kernel.txInvalidDescs).toBe(0);
        socket.free(frame);
      },
    );

    it(
      typeof answer === "number" ? `the kernel counts ${answer}` : `the kernel says ${answer}`,
      async () => {
        const sender = new RawSender(kernel, lab.a.device, umem);
        const { geometry, bytes } = sender.umem;
        const view = new DataView(bytes.buffer, bytes.byteOffset, geometry.length);
        const frame = geometry.frameSize * 4 + geometry.txMetadataLength;
        const list = descriptors(frame, view);
        sender.submit(list);
        const { fd, tx } = sender;
        const said = kernel.kickTx(fd, 1);
        const { txInvalidDescs } = kernel.statistics(fd);
        if (typeof answer === "number") {
          expect(said).toBe(0);
          expect(txInvalidDescs).toBe(answer);
          expect(tx.pending()).toBe(0);
        } else {
          // The descriptor stays at the head of the ring, for ever.
          expect(said).toBe(-22);
          expect(kernel.kickTx(fd, 1)).toBe(-22);
          expect(tx.pending()).toBe(list.length);
        }
        sender.close();
      },
    );
  });

  it("metadata that is right is no row of these: the kernel takes it", async () => {
    const sized = afxdp(lab.a.device, { kernel }).umem(METADATA).fill(32).completion(32);
    await using socket = await sized.tx(32).open();
    const frame = socket.allocate();
    socket.hold(frame);
    expect(socket.transmitWith(frame, 64, { timestamp: true })).toBe(true);
    expect(socket.flush()).toBe(0);
    expect(await socket.drained({ timeoutMs: 2000 })).toBe(true);
    expect(socket.txTimestamp(frame)).toBeTypeOf("bigint");
    socket.free(frame);
  });
});
