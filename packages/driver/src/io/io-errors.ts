import { type RingName, XdpError, XdpOrderError } from "@afxdp/core";

export function closedError(verb: string): XdpError {
  return new XdpError("ERR_XDP_CLOSED", `${verb}: the socket is closed.`);
}

export function missingRing(verb: string, ring: RingName): XdpError {
  const article = ring === "rx" ? "an" : "a";
  const why = `the socket was opened without ${article} ${ring} ring`;
  return new XdpOrderError(verb, ["close"], why);
}

export function frameSizeError(
  address: number,
  length: number,
  room: number,
  least: number,
): XdpError {
  return new XdpError(
    "ERR_XDP_FRAME_SIZE",
    `Cannot send ${String(length)} bytes at ${String(address)}: ${least} up to ${room} are possible there.`,
  );
}

export function frameStateError(verb: string, address: number, state: string): XdpError {
  return new XdpError(
    "ERR_XDP_FRAME_STATE",
    `Cannot ${verb} the frame at ${address}: its state is ${state}.`,
  );
}

export function chainError(message: string): XdpError {
  return new XdpError("ERR_XDP_CHAIN", message);
}

export function foreignUmem(): XdpError {
  return new XdpError(
    "ERR_XDP_FOREIGN_FRAME",
    "The other socket has another UMEM: a frame cannot be handed to it.",
    { hint: "Open the sockets on one UMEM (share), or copy the packet with `send`." },
  );
}

export function notInBatch(packet: number, count: number): XdpError {
  return new XdpError(
    "ERR_XDP_ARGUMENT",
    `Packet ${String(packet)} is not in the batch, which has ${count}.`,
    { hint: "Use 0 up to batch.count - 1, and the batch only until its handler returns." },
  );
}

export function notASegment(segment: number, count: number): XdpError {
  return new XdpError(
    "ERR_XDP_ARGUMENT",
    `Segment ${String(segment)} is not in the packet, which has ${count}.`,
    { hint: "Use 0 up to batch.segmentCount(i) - 1." },
  );
}
