import { answer, bytesOf } from "@afxdp/demo/answer";
import type { Lab } from "@afxdp/testkit";
import type { BatchHandler, RxBatch } from "afxdp";

/** The port that the tests' echo server has. */
export const ECHO_PORT = 9000;

/** An echo server for the address of the lab's `a`: answers each batch where it lies. */
export function echoServer(lab: Lab): BatchHandler & ((batch: RxBatch) => undefined) {
  const me = { mac: bytesOf(lab.a.mac, 16), ip: bytesOf(lab.a.ipv4, 10), udpPort: ECHO_PORT };
  return (batch) => {
    for (let i = 0; i < batch.count; i++) {
      if (answer(batch.bytes, batch.address(i), batch.length(i), me) !== undefined) batch.send(i);
    }
    return undefined;
  };
}
