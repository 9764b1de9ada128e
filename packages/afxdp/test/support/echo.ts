import { answer, type Identity } from "@afxdp/demo/responder";
import { bytesOf, type Lab } from "@afxdp/testkit";
import type { RxBatch } from "afxdp";

/** The port that the tests' echo server has. */
export const ECHO_PORT = 9000;

/** An echo server for the address of the lab's `a`: answers each batch where it lies. */
export function echoServer(lab: Lab): (batch: RxBatch) => undefined {
  const me: Identity = {
    mac: bytesOf(lab.a.mac, 16),
    ip: bytesOf(lab.a.ipv4, 10),
    port: ECHO_PORT,
  };
  return (batch) => {
    for (let i = 0; i < batch.count; i++) {
      if (answer(batch, i, me) !== undefined) batch.send(i);
    }
  };
}
