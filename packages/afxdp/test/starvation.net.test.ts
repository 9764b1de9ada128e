import { createLab, ethernet, type Lab } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import type { Socket } from "afxdp";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { open } from "./support/open.js";

describeOnKernel("receiving goes on although the kernel had no frame left", () => {
  const FRAMES = 64;
  let lab: Lab;
  let leave: () => void;
  let sender: Socket;
  let socket: Socket;
  beforeAll(async () => {
    lab = createLab();
    leave = lab.b.enter();
    sender = await open({ ...lab, a: lab.b }, "tx");
    leave();
    leave = lab.a.enter();
  });
  afterAll(async () => {
    await sender.close();
    leave();
    lab.close();
  });
  beforeEach(async () => {
    socket = await open(lab, "both", { frameCount: FRAMES, entries: FRAMES });
  });
  afterEach(async () => {
    await socket.close();
  });

  const send = (count: number): void => {
    for (let i = 0; i < count; i++) sender.send(ethernet({ to: lab.a.mac, from: lab.b.mac }));
  };
  async function receives(): Promise<void> {
    send(8);
    let received = 0;
    while (received < 8 && (await socket.readable({ timeoutMs: 2000 }))) {
      received += socket.receive(() => undefined);
    }
    expect(received).toBe(8);
    expect(socket.frames).toMatchObject({ fill: FRAMES, application: 0 });
  }
  async function holdAll(): Promise<number[]> {
    const held: number[] = [];
    send(FRAMES);
    while (held.length < FRAMES && (await socket.readable({ timeoutMs: 2000 }))) {
      socket.receive((batch) => {
        for (let i = 0; i < batch.count; i++) {
          batch.keep(i);
          held.push(batch.address(i));
        }
      });
    }
    expect(socket.frames).toMatchObject({ fill: 0, application: FRAMES });
    return held;
  }

  it("when the application held all of them and freed them outside of a batch", async () => {
    for (const address of await holdAll()) socket.free(address);
    await receives();
  });

  it("when all of them were being sent and came back outside of a batch", async () => {
    for (const address of await holdAll()) {
      socket.transmit(address, 64);
    }
    expect(await socket.drained({ timeoutMs: 2000 })).toBe(true);
    await receives();
  });

  it("when they come back only while a loop waits", async () => {
    const held = await holdAll();
    for (const address of held) {
      socket.transmit(address, 64);
    }
    const listening = socket.listen(() => false);
    const feeding = setInterval(() => send(1), 20);
    await listening;
    clearInterval(feeding);
  });
});
