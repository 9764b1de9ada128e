import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Host } from "@afxdp/testkit";

/** Where the examples are. */
export const EXAMPLES: string = fileURLToPath(new URL("../../examples", import.meta.url));

/** An example that runs in a process of its own. */
export interface RunningExample {
  /** Waits for a line that it prints, and returns the first such line; throws when it ends without one. */
  said(pattern: RegExp): Promise<string>;
  /** Has it end by itself as Ctrl-C would. */
  interrupt(): void;
  /** Waits for its end and returns what it printed; throws unless its status is 0 and its stderr empty. */
  printed(): Promise<string>;
}

/** Starts an example on a host, under another command where that is given. */
export function start(
  host: Host,
  file: string,
  args: readonly string[],
  under: readonly string[] = [],
): RunningExample {
  const [command = "", ...rest] = [...under, process.execPath, `${EXAMPLES}/${file}`, ...args];
  const child = host.spawn(command, rest, { stdio: ["ignore", "pipe", "pipe"] });
  const out: string[] = [];
  let errors = "";
  const closed = once(child, "close");
  if (child.stdout === null) throw new Error("The example has no stdout.");
  const lines = createInterface({ input: child.stdout }).on("line", (line) => out.push(line));
  child.stderr?.on("data", (chunk) => {
    errors += chunk;
  });
  return {
    async said(pattern) {
      for (;;) {
        const line = out.find((text) => pattern.test(text));
        if (line !== undefined) return line;
        if (child.exitCode !== null || child.signalCode !== null) {
          throw new Error(`${file} ended without ${pattern}: ${out.join("\n")}\n${errors}`);
        }
        await Promise.race([once(lines, "line"), closed]);
      }
    },
    interrupt: () => void child.kill("SIGINT"),
    async printed() {
      await closed;
      if (child.exitCode === 0 && errors === "") return out.join("\n");
      const end = child.exitCode ?? child.signalCode;
      throw new Error(`${file} ended with ${end}: ${out.join("\n")}\n${errors}`);
    },
  };
}

/** Compiles a BPF program to an object file. */
export function compile(source: string, object: string): void {
  // The BPF target does not look for the host's <asm/types.h> by itself.
  const host = execFileSync("cc", ["-print-multiarch"], { encoding: "utf8" }).trim();
  const flags = ["-target", "bpf", "-O2", "-g", "-Wall", "-Werror"];
  const include = ["-isystem", `/usr/include/${host}`];
  execFileSync(process.env.CLANG ?? "clang", [...flags, ...include, "-c", source, "-o", object]);
}

/** Tells a host the address of the other, so that it sends no ARP. */
export function introduce(host: Host, other: Host, device: string = host.device): void {
  const neighbour = ["neigh", "replace", other.ipv4, "lladdr", other.mac];
  host.run("ip", ...neighbour, "dev", device, "nud", "permanent");
}

/** Has the kernel's stack on a host send one datagram of each text. */
export function sendUdp(host: Host, address: string, port: number, texts: readonly string[]): void {
  const script = `
    const [address, port, ...texts] = process.argv.slice(1);
    const socket = require("node:dgram").createSocket("udp4");
    let left = texts.length;
    for (const text of texts) socket.send(text, Number(port), address, () => --left || socket.close());`;
  host.run(process.execPath, "-e", script, address, `${port}`, ...texts);
}

/**
 * Has the kernel's stack on a host send `count` datagrams of `size` bytes to an echo server, one after the other;
 * returns how many came back whole.
 */
export async function echoes(
  host: Host,
  address: string,
  { port, count, size }: { readonly port: number; readonly count: number; readonly size: number },
): Promise<number> {
  const script = `
    const [address, ...numbers] = process.argv.slice(1);
    const [port, count, size] = numbers.map(Number);
    const socket = require("node:dgram").createSocket("udp4");
    const payload = (n) => Buffer.alloc(size, n + 1);
    let sent = 0, whole = 0;
    const over = () => { console.log(whole); socket.close(); };
    const timer = setTimeout(over, 20000);
    const next = () => socket.send(payload(sent++), port, address);
    socket.on("message", (answer) => {
      if (answer.equals(payload(sent - 1))) whole++;
      if (sent < count) next();
      else { clearTimeout(timer); over(); }
    });
    next();`;
  const child = host.spawn(
    process.execPath,
    ["-e", script, address, `${port}`, `${count}`, `${size}`],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let text = "";
  for await (const chunk of child.stdout ?? []) text += chunk;
  return Number(text);
}

/** Has the kernel's stack on a host wait for `count` datagrams; resolves, when it does, to a promise of their texts. */
export async function receiveUdp(
  host: Host,
  port: number,
  count: number,
): Promise<{ readonly texts: Promise<string[]> }> {
  const script = `
    const [port, count] = process.argv.slice(1).map(Number);
    const socket = require("node:dgram").createSocket("udp4");
    let left = count;
    socket.on("message", (text) => { console.log(String(text)); if (--left === 0) socket.close(); });
    socket.bind(port, () => console.log("bound"));`;
  const child = host.spawn(process.execPath, ["-e", script, `${port}`, `${count}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const texts: string[] = [];
  const all = new Promise<string[]>((resolve) => lines.on("close", () => resolve(texts)));
  await new Promise<void>((resolve) =>
    lines.on("line", (line) => (line === "bound" ? resolve() : texts.push(line))),
  );
  return { texts: all };
}
