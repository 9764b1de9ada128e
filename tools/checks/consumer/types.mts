import { afxdp, type ErrorCode, isXdpError, redirect, type Socket } from "afxdp";

export async function main(): Promise<ErrorCode | undefined> {
  const ready = afxdp("veth0", { queue: 0 })
    .umem({ frameCount: 64, frameSize: 2048 })
    .fill(32)
    .completion(32)
    .rx(32)
    .tx(32)
    .program(redirect.all());
  try {
    await using socket: Socket = await ready.open({ mode: "auto" });
    socket.send(new Uint8Array(60));
    for await (const batch of socket.batches()) {
      for (let i = 0; i < batch.count; i++) console.log(batch.packet(i).length);
    }
  } catch (error) {
    if (isXdpError(error)) return error.code;
  }
  return undefined;
}

// @ts-expect-error a set-up in the wrong order does not compile
afxdp("veth0").rx(32);

// @ts-expect-error nor does one without a program
afxdp("veth0").umem({ frameCount: 64 }).fill(32).completion(32).rx(32).open();
