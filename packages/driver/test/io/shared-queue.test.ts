import { XdpSystemError } from "@afxdp/core";
import { expect, it } from "vitest";
import { openPlayed } from "../support/open-played.js";
import { deliver, takeFilled } from "../support/played-kernel.mjs";

it("a queue on which nobody receives any more takes no frames from the one that sends", async () => {
  const sender = await openPlayed({ txOnly: true });
  const { played, socket } = sender;
  expect(socket.frames).toMatchObject({ free: 64, fill: 0 });
  const receiver = await openPlayed({ played, share: socket, sameQueue: true, rxOnly: true });
  expect(socket.frames).toMatchObject({ free: 32, fill: 32 });
  const rings = { ...sender.rings, ...receiver.rings };
  deliver(
    rings,
    takeFilled(rings, 20).map((frame) => [frame + 256, 60]),
  );
  await receiver.socket.close();
  expect(socket.frames).toMatchObject({ free: 52, fill: 12 });
  socket.flush();
  expect(socket.frames).toMatchObject({ free: 52, fill: 12 });
  expect(socket.stats().fillShort).toBe(0);
  await socket.close();
});

it("frames stay the kernel's while a socket that shared the queue could not be let go", async () => {
  const owner = await openPlayed({});
  const { played } = owner;
  const first = await openPlayed({ played, share: owner.socket, queue: 1, entries: 16 });
  const other = await openPlayed({
    played,
    share: first.socket,
    sameQueue: true,
    queue: 1,
    entries: 16,
  });
  expect(owner.socket.frames).toMatchObject({ free: 16, fill: 48 });
  const { unmapRing } = played.kernel;
  played.kernel.unmapRing = () => {
    throw new XdpSystemError({ step: "unmap", syscall: "mmap", errno: 12 });
  };
  await expect(other.socket.close()).rejects.toMatchObject({ errnoName: "ENOMEM" });
  played.kernel.unmapRing = unmapRing;
  // The rings of the other one keep its socket alive in the kernel, bound to the queue and with frames to receive into.
  await first.socket.close();
  expect(owner.socket.frames).toMatchObject({ free: 16, fill: 48 });
  expect(owner.socket.umem.audit()).toBe(true);
  await owner.socket.close();
});

it("a socket that is draining touches nothing any more once its owner was closed at once", async () => {
  const owner = await openPlayed({});
  const { played } = owner;
  const sharer = await openPlayed({ played, share: owner.socket, queue: 1, entries: 16 });
  played.onKick = () => undefined; // nothing is ever sent
  sharer.socket.transmit(sharer.socket.allocate(), 60);
  const closing = sharer.socket.close(); // which waits for the frame
  expect(owner.sequence.closeNow()).toEqual([]);
  const { kicks } = played;
  await closing;
  expect(played.kicks).toBe(kicks);
});
