// Passes one descriptor through a ring; run by ring.mjs as well.
module.exports = ({ DescriptorConsumer, DescriptorProducer, layoutRing }) => {
  const layout = layoutRing({ entries: 8, entrySize: 16 });
  const memory = new SharedArrayBuffer(layout.byteLength);
  const producer = new DescriptorProducer(memory, layout);
  const consumer = new DescriptorConsumer(memory, layout);
  producer.reserve(1);
  producer.set(0, 2048, 60, 0);
  producer.submit(1);
  consumer.peek(1);
  console.log("a descriptor:", consumer.address(0), consumer.length(0));
  consumer.release(1);
};

if (require.main === module) module.exports(require("@afxdp/ring"));
