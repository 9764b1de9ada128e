// Opens a socket and two that share with it, each with rules, and ends in the way it is told: exit, throw, drop.
// Usage: sharing-victim.mjs DEVICE WAY; prints what it sees as lines. To be run with --expose-gc.
import { afxdp, redirect } from "afxdp";

const [device, way] = process.argv.slice(2);

async function openAll() {
  const owner = await afxdp(device)
    .umem({ frameCount: 256, sharers: 2 })
    .fill(64)
    .completion(64)
    .rx(64)
    .program(redirect.etherType(0x88b5))
    .open();
  const same = afxdp(device).shareQueue(owner).rx(64).tx(64);
  const sharers = [
    await same.program(redirect.etherType(0x88b6)).open(),
    await afxdp(device, { queue: 1 }).shareUmem(owner).fill(64).completion(64).tx(64).open(),
  ];
  return [owner, ...sharers];
}

const sockets = await openAll();
console.log("open");
if (way === "exit") process.exit(0);
if (way === "throw") {
  setImmediate(() => {
    throw new Error("uncaught, as the test wants it");
  });
}
if (way === "drop") {
  process.on("warning", ({ code }) => console.log(code));
  sockets.length = 0;
  for (let i = 0; i < 50; i++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const again = await openAll();
  for (const socket of again.reverse()) await socket.close();
  console.log("opened again");
}
