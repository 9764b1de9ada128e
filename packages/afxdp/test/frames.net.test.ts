import { createLab, EXPERIMENTAL, ethernet, type Lab } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { redirect, type Socket } from "afxdp";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { open } from "./support/open.js";

describeOnKernel("frames", () => {
  let lab: Lab;
  let leave: () => void;
  let peer: Socket;
  let socket: Socket;
  beforeAll(async () => {
    lab = createLab();
    leave = lab.b.enter();
    peer = await open({ ...lab, a: lab.b }, "both", { rules: redirect.etherType(EXPERIMENTAL) });
    leave();
    leave = lab.a.enter();
  });
  afterAll(async () => {
    await peer.close();
    leave();
    lab.close();
  });
  beforeEach(async () => {
    socket = await open(lab, "both");
  });
  afterEach(async () => {
    expect(socket.umem.audit()).toBe(true);
    await socket.close();
  });

  const send = (count: number, payload = 0): void => {
    for (let i = 0; i < count; i++) {
      peer.send(ethernet({ to: lab.a.mac, from: lab.b.mac, payload: payload + i }));
    }
  };
  async function arrived(at: Socket, count: number): Promise<number[]> {
    const seen: number[] = [];
    while (seen.length < count && (await at.readable({ timeoutMs: 2000 }))) {
      at.receive((batch) => {
        for (let i = 0; i < batch.count; i++) seen.push(batch.packet(i)[20] as number);
      });
    }
    return seen;
  }

  it("a held packet outlives its batch, and goes out as often as it is sent, without a copy", async () => {
    send(1, 77);
    let address = -1;
    await socket.listen((batch) => {
      address = batch.address(0);
      socket.hold(address);
      return false;
    });
    expect(socket.frames).toMatchObject({ application: 1, fill: 128 });
    for (let round = 0; round < 3; round++) {
      expect(socket.transmit(address, 64)).toBe(true);
      socket.flush();
      expect(await socket.drained({ timeoutMs: 2000 })).toBe(true);
      expect(socket.umem.stateOf(address)).toBe("application");
    }
    expect(await arrived(peer, 3)).toEqual([77, 77, 77]);
    socket.free(address);
    expect(socket.frames).toMatchObject({ application: 0, transmit: 0 });
  });

  it("a kept packet outlives its batch, is sent once, and is free then", async () => {
    send(1, 33);
    let address = -1;
    await socket.listen((batch) => {
      address = batch.address(0);
      batch.keep(0);
      return false;
    });
    expect(socket.umem.stateOf(address)).toBe("application");
    expect(socket.transmit(address, 64)).toBe(true);
    expect(await socket.drained({ timeoutMs: 2000 })).toBe(true);
    expect(socket.frames).toMatchObject({ application: 0, transmit: 0 });
    expect(await arrived(peer, 1)).toEqual([33]);
    expect(() => socket.keep(address)).toThrow(
      expect.objectContaining({ code: "ERR_XDP_FRAME_STATE" }),
    );
  });

  it("a received packet becomes a sent one where it lies, once", async () => {
    send(2, 5);
    const errors: unknown[] = [];
    let handled = 0;
    await socket.listen((batch) => {
      for (let i = 0; i < batch.count; i++) {
        expect(batch.send(i)).toBe(true);
        try {
          batch.send(i);
        } catch (error) {
          errors.push(error);
        }
      }
      handled += batch.count;
      return handled < 2;
    });
    expect(errors).toEqual([
      expect.objectContaining({ code: "ERR_XDP_FRAME_STATE" }),
      expect.objectContaining({ code: "ERR_XDP_FRAME_STATE" }),
    ]);
    expect(await arrived(peer, 2)).toEqual([5, 6]);
  });

  it("a frame freed in a batch and allocated again is not taken back after it", async () => {
    send(1);
    let mine = -1;
    await socket.listen((batch) => {
      socket.free(batch.address(0));
      mine = socket.allocate();
      expect(socket.umem.geometry.baseOf(batch.address(0))).toBe(mine);
      return false;
    });
    expect(socket.umem.stateOf(mine)).toBe("application");
    socket.free(mine);
  });

  it("a packet of impossible size is refused and its frame stays where it was", () => {
    const address = socket.allocate();
    for (const length of [0, 13, 2049, -1, 64.5, Number.NaN]) {
      expect(() => socket.transmit(address, length)).toThrow(
        expect.objectContaining({ code: "ERR_XDP_FRAME_SIZE" }),
      );
    }
    expect(() => socket.transmit(address + 2000, 49)).toThrow(/14 up to 48/);
    expect(() => socket.send(new Uint8Array(2049))).toThrow(
      expect.objectContaining({ code: "ERR_XDP_FRAME_SIZE" }),
    );
    expect(socket.umem.stateOf(address)).toBe("application");
    socket.free(address);
    expect(socket.frames).toMatchObject({ application: 0, transmit: 0, free: 384 });
  });

  it("a packet above the MTU is lost, counted, and its frame comes back", async () => {
    const packet = ethernet({ to: lab.b.mac, from: lab.a.mac, length: 2000 });
    expect(socket.send(packet)).toBe(true);
    expect(await socket.drained({ timeoutMs: 2000 })).toBe(true);
    expect(socket.stats()).toMatchObject({ txQueued: 1, txDropped: 1 });
    expect(socket.frames.transmit).toBe(0);
  });

  it("a full tx ring and an empty allocator answer no, and lose nothing", () => {
    const taken: number[] = [];
    for (let address = socket.allocate(); address !== -1; address = socket.allocate()) {
      taken.push(address);
    }
    expect(taken.length).toBe(384);
    expect(socket.send(new Uint8Array(64))).toBe(false);
    let staged = 0;
    for (const address of taken) if (socket.transmit(address, 64)) staged++;
    expect(staged).toBe(128);
    expect(socket.frames).toMatchObject({ transmit: 128, application: 256 });
    expect(socket.flush()).toBe(0);
    for (const address of taken.slice(128)) socket.free(address);
  });

  it("an application that stalls drops in the kernel, counted, and goes on afterwards", async () => {
    for (let i = 0; i < 4; i++) send(64);
    const seen = await arrived(socket, 128);
    expect(seen.length).toBe(128);
    const { kernel } = socket.stats();
    expect(kernel.rxDropped + kernel.rxRingFull).toBe(128);
    send(3, 200);
    expect(await arrived(socket, 3)).toEqual([200, 201, 202]);
  });
});
