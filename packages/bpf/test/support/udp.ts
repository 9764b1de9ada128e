import type { Host } from "@afxdp/testkit";

/** Sends one datagram of each text from a host; nobody need listen. The neighbour has to be known. */
export function sendUdp(
  host: Host,
  to: { readonly address: string; readonly port: number },
  ...texts: readonly string[]
): void {
  const script = `
    const [address, port, ...texts] = process.argv.slice(1);
    const socket = require("node:dgram").createSocket("udp4");
    let left = texts.length;
    for (const text of texts) {
      socket.send(text, Number(port), address, () => --left === 0 && socket.close());
    }`;
  host.run(process.execPath, "-e", script, to.address, String(to.port), ...texts);
}

/** Tells a host the address of the other, so that it sends no ARP. */
export function introduce(host: Host, other: Host): void {
  const neighbour = ["neigh", "replace", other.ipv4, "lladdr", other.mac];
  host.run("ip", ...neighbour, "dev", host.device, "nud", "permanent");
}

/** The payload of a UDP datagram over IPv4 in an untagged packet. */
export function payloadOf(packet: Uint8Array): string {
  return Buffer.from(packet.subarray(42)).toString();
}
