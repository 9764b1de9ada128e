import { afxdp, type RxBatch, redirect, type Socket } from "afxdp";

/** Who answers: an address that no stack of this machine has. */
export interface Identity {
  readonly mac: Uint8Array;
  readonly ip: Uint8Array;
  readonly port: number;
}

export type Answered = "arp" | "icmp" | "udp";

/** Opens a socket for just what is answered here; all else stays with the kernel's stack. */
export function openResponder(device: string, { ip, port }: Identity): Promise<Socket> {
  const destination = ip.join(".");
  return afxdp(device, { queue: 0 })
    .umem({ frameCount: 4096, frameSize: 2048 })
    .fill(2048)
    .completion(2048)
    .rx(2048)
    .tx(2048)
    .program(
      redirect.any(
        redirect.etherType("arp"),
        redirect.match({ protocol: "icmp", destination }),
        redirect.udp({ port, destination }),
      ),
    )
    .open({ mode: "auto" });
}

/** Turns an ARP request, a ping or a datagram into its answer, in the frame in which it came. */
export function answer(batch: RxBatch, i: number, me: Identity): Answered | undefined {
  const { bytes } = batch;
  const at = batch.address(i); // the Ethernet header's first byte
  const u8 = (offset: number): number => bytes[at + offset] as number;
  const u16 = (offset: number): number => (u8(offset) << 8) | u8(offset + 1);
  const isMine = (offset: number): boolean => me.ip.every((byte, k) => u8(offset + k) === byte);
  const swap = (a: number, b: number, size: number): void => {
    for (let k = at + size - 1; k >= at; k--) {
      const kept = bytes[k + a] as number;
      bytes[k + a] = bytes[k + b] as number;
      bytes[k + b] = kept;
    }
  };
  if (batch.length(i) < 42) return undefined;
  if (u16(12) === 0x0806 && u16(20) === 1 && isMine(38)) {
    bytes[at + 21] = 2; // request -> reply
    swap(22, 32, 10); // sender <-> target
    bytes.set(me.mac, at + 22);
    bytes.copyWithin(at, at + 32, at + 38);
    bytes.set(me.mac, at + 6);
    return "arp";
  }
  const isWhole = (u16(20) & 0x3fff) === 0; // no fragment
  if (u16(12) !== 0x0800 || u8(14) !== 0x45 || !isWhole || !isMine(30)) return undefined;
  const isPing = u8(23) === 1 && u8(34) === 8;
  if (!isPing && !(u8(23) === 17 && u16(36) === me.port)) return undefined;
  if (isPing) {
    const sum = u16(36) + 0x0800; // the type falls from 8 to 0, so the checksum rises
    bytes[at + 34] = 0;
    bytes[at + 36] = (sum + (sum >> 16)) >> 8;
    bytes[at + 37] = sum + (sum >> 16);
  } else {
    swap(34, 36, 2); // ports
    bytes.fill(0, at + 40, at + 42); // none: the sender's stack left its checksum to the card
  }
  swap(26, 30, 4); // IP addresses: their checksum stays the same
  swap(0, 6, 6); // MAC addresses
  return isPing ? "icmp" : "udp";
}

/** Answers until the signal is aborted; calls back for each answer. */
export function respond(
  socket: Socket,
  me: Identity,
  signal: AbortSignal,
  did: (what: Answered) => void,
): Promise<void> {
  return socket.listen(
    (batch) => {
      for (let i = 0; i < batch.count; i++) {
        const what = answer(batch, i, me);
        if (what !== undefined && batch.send(i)) did(what);
      }
    },
    { signal },
  );
}
