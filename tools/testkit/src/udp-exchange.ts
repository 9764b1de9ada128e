import { fileURLToPath } from "node:url";
import type { Host } from "./host.js";

/** What came back of an exchange. */
export interface UdpExchange {
  /** Datagrams that came back whole, each once. */
  readonly returned: number;
  /** Answers that were damaged, doubled or unknown. */
  readonly wrong: number;
  readonly seconds: number;
}

/**
 * Has the kernel's stack on `host` send `count` numbered datagrams of 64 bytes to an echo server, 64 of them under way
 * at a time, from a process of its own; gives up 2 seconds after the last answer.
 */
export async function exchangeUdp(
  host: Host,
  server: { readonly address: string; readonly port: number; readonly count: number },
): Promise<UdpExchange> {
  const script = fileURLToPath(new URL("./udp-client.js", import.meta.url));
  const { address, port, count } = server;
  const client = host.spawn(process.execPath, [script, address, String(port), String(count)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  for await (const chunk of client.stdout ?? []) output += chunk;
  return JSON.parse(output) as UdpExchange;
}
