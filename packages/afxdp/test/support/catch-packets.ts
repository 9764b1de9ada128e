import { EXPERIMENTAL, ethernet, type Host, type Lab } from "@afxdp/testkit";
import { afxdp, type Socket } from "afxdp";

/** EtherTypes that tell packets apart: that of `ethernet` and the next one, both for experiments. */
export const TYPES = [EXPERIMENTAL, EXPERIMENTAL + 1] as const;

/** Opens a socket that only sends on a queue of a host's device. */
export async function openSender(host: Host, queue = 0): Promise<Socket> {
  const leave = host.enter();
  try {
    const sized = afxdp(host.device, { queue }).umem({ frameCount: 256 }).fill(64).completion(64);
    return await sized.tx(128).open();
  } finally {
    leave();
  }
}

/**
 * The queue to send from so that a packet arrives on a socket's queue, by veth's doing: in the driver the queue is the
 * same, while the generic path takes the number less one, which 0 stands outside of (skb_get_rx_queue).
 */
export function senderFor({ target, mode }: Socket): number {
  return mode.xdp === "skb" && target.queueId > 0 ? target.queueId + 1 : target.queueId;
}

/** Sends a packet of an EtherType from the lab's `b` to its `a`, with a number as payload. */
export function sendTo(lab: Lab, sender: Socket, type: number, payload: number): void {
  const packet = ethernet({ to: lab.a.mac, from: lab.b.mac, type, payload });
  if (!sender.send(packet)) throw new Error("the tx ring is full");
}

/** EtherType and last byte of each packet that a socket gets within a time: until `count` are there. */
export async function caught(
  socket: Socket,
  count: number,
  timeoutMs = 2000,
): Promise<[type: number, payload: number][]> {
  const packets: [number, number][] = [];
  while (packets.length < count && (await socket.readable({ timeoutMs }))) {
    socket.receive((batch) => {
      for (let i = 0; i < batch.count; i++) {
        const packet = batch.packet(i);
        const type = ((packet[12] as number) << 8) | (packet[13] as number);
        packets.push([type, packet.at(-1) as number]);
      }
    });
  }
  return packets;
}

/** The packets that are there by now: for what must not have come, after something sent later has. */
export function here(socket: Socket): number {
  return Math.max(
    0,
    socket.receive(() => undefined),
  );
}
