// A process (or Worker) that opens a socket under traffic and then dies in the way it is told.
// Usage: victim.mjs DEVICE WAY [worker]
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { afxdp, redirect } from "afxdp";

const [device, way] = isMainThread ? process.argv.slice(2) : workerData;

async function main() {
  const socket = await afxdp(device)
    .umem({ frameCount: 256 })
    .fill(128)
    .completion(128)
    .rx(128)
    .tx(128)
    .program(redirect.all())
    .open();
  const tell = (word) => (isMainThread ? console.log(word) : parentPort.postMessage(word));
  let packets = 0;
  const count = (batch) => {
    packets += batch.count;
    for (let i = 0; i < batch.count; i++) batch.send(i);
    if (packets < 50) return;
    switch (way) {
      case "exit":
        process.exit(0);
        break;
      case "throw":
        // Outside of every promise, so that nobody can catch it.
        setImmediate(() => {
          throw new Error("uncaught, as the test wants it");
        });
        return false;
      case "reject":
        Promise.reject(new Error("unhandled, as the test wants it"));
        return false;
      case "natural":
        return false;
      default:
        if (packets < 50 + batch.count) tell("busy");
    }
  };
  tell("open");
  if (way === "stuck") {
    // Never gives the event loop a turn, whatever happens.
    for (;;) socket.receive(count);
  }
  if (way === "run") await socket.run(count, { waitMs: 100, spin: 0 });
  else await socket.listen(count);
}

if (isMainThread && way.startsWith("worker-")) {
  const worker = new Worker(new URL(import.meta.url), { workerData: [device, way.slice(7)] });
  worker.on("message", async (word) => {
    console.log(word);
    if (word !== "busy") return;
    await worker.terminate();
    console.log("terminated");
    setInterval(() => {}, 1000); // the process lives on: nothing is cleaned by its end
  });
} else {
  await main();
}
