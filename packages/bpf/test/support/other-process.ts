import { once } from "node:events";
import { join } from "node:path";
import type { AttachOptions, ProgramPins } from "@afxdp/bpf";
import type { Host } from "@afxdp/testkit";

/** Has another process load and attach the steering program, and kills it. Returns the program's id. */
export async function attachAndDie(
  host: Host,
  options: AttachOptions,
  pins?: ProgramPins,
): Promise<number> {
  const script = join(import.meta.dirname, "attach-and-wait.mjs");
  const given = [options, pins].flatMap((part) => (part === undefined ? [] : JSON.stringify(part)));
  const stdio: ["ignore", "pipe", "inherit"] = ["ignore", "pipe", "inherit"];
  const child = host.spawn(process.execPath, [script, host.device, ...given], { stdio });
  const ended = once(child, "close");
  const said = once(child.stdout as NodeJS.ReadableStream, "data");
  const first = await Promise.race([said, ended.then(() => undefined)]);
  child.kill("SIGKILL");
  await ended;
  if (first === undefined) throw new Error("The other process did not attach its program.");
  return Number(String(first[0]));
}
