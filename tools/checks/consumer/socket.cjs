// Sends a packet from one end of a veth pair to the other; run by socket.mjs as well.
const assert = require("node:assert/strict");

module.exports = async ({ afxdp, redirect }) => {
  const open = (name) =>
    afxdp(name)
      .umem({ frameCount: 64, frameSize: 2048 })
      .fill(32)
      .completion(32)
      .rx(32)
      .tx(32)
      .program(redirect.all())
      .open();
  const sender = await open("v0");
  const receiver = await open("v1");

  const packet = Uint8Array.from({ length: 60 }, (_, i) => i);
  packet.set([0x88, 0xb5], 12);
  assert.equal(sender.send(packet), true);

  assert.equal(await receiver.readable({ timeoutMs: 10_000 }), true);
  let received;
  receiver.receive((batch) => {
    received = Uint8Array.from(batch.packet(0));
  });
  assert.deepEqual(received, packet);
  await receiver.close();
  await sender.close();
  console.log(`v0 sent, v1 received ${received.length} bytes`);
};

if (require.main === module) module.exports(require("afxdp"));
