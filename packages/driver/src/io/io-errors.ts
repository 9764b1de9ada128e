import { type RingName, XdpError, XdpOrderError } from "@afxdp/core";

export function closedError(verb: string): XdpError {
  return new XdpError("ERR_XDP_CLOSED", `${verb}: the socket is closed.`);
}

export function missingRing(verb: string, ring: RingName): XdpError {
  const article = ring === "rx" ? "an" : "a";
  const why = `the socket was opened without ${article} ${ring} ring`;
  return new XdpOrderError(verb, ["close"], why);
}

export function frameSizeError(address: number, length: number, room: number): XdpError {
  return new XdpError(
    "ERR_XDP_FRAME_SIZE",
    `Cannot send ${String(length)} bytes at ${String(address)}: 14 up to ${room} are possible there.`,
  );
}

export function notInBatch(packet: number, count: number): XdpError {
  return new XdpError(
    "ERR_XDP_ARGUMENT",
    `Packet ${String(packet)} is not in the batch, which has ${count}.`,
    { hint: "Use 0 up to batch.count - 1, and the batch only until its handler returns." },
  );
}
