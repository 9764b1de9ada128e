// Opens a socket on DEVICE, closes it, and prints what came of it as JSON. Usage: open-once.mjs DEVICE [FRAMES]
import { readdirSync } from "node:fs";
import { afxdp, redirect } from "afxdp";

const [device, frames = "256"] = process.argv.slice(2);
const descriptors = () => readdirSync("/proc/self/fd").length;
const attempt = () =>
  afxdp(device)
    .umem({ frameCount: Number(frames) })
    .fill(128)
    .completion(128)
    .rx(128)
    .tx(128)
    .program(redirect.all())
    .open({ mode: "skb", busyTimeoutMs: 200 });

const before = descriptors();
try {
  const socket = await attempt();
  await socket.close();
  console.log(JSON.stringify({ code: "none" }));
} catch (error) {
  const { code, step, errnoName, hint, message, needed, allowed } = error;
  const leaked = descriptors() - before;
  const told = { code, step, errnoName, hint, message, needed, allowed, leaked };
  console.log(JSON.stringify(told));
}
