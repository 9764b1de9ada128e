import { ERRNO, errnoName, POLLIN, POLLOUT } from "@afxdp/core";
import { Bench } from "../bench.js";
import { expectEqual } from "../outcome.js";
import { inside, type Pair } from "../pair.js";
import { exchange } from "../traffic/exchange.js";
import { BATCH, planRx, planTx, SHORT } from "../traffic/packets.js";
import { Receiver } from "../traffic/receiver.js";
import { kickOnce, Sender } from "../traffic/sender.js";
import { until } from "../traffic/until.js";
import type { Case } from "./case.js";
import { type Link, openLink } from "./link.js";

const length = (): number => SHORT;

/** The next 64 packets over a link: who sends them, and who receives them. */
function nextBatch(bench: Bench, { sender, receiver }: Link): [Sender, Receiver] {
  const { frameSize, frames } = sender.memory;
  const sent = planTx({ count: BATCH, length, frameSize, frames });
  return [
    new Sender(sender, bench.profile, sent),
    new Receiver(receiver, planRx({ count: BATCH, length })),
  ];
}

function run(senders: readonly Sender[], receivers: readonly Receiver[]): void {
  exchange({ senders, receivers });
}

const expectErrno = (what: string, result: number, errno: number): void =>
  expectEqual(what, errnoName(result), errnoName(errno));

function awaitLink({ a, b }: Pair): void {
  const running = (): boolean =>
    [a, b].every((end) => inside(end, () => end.kernel.interfaceState(end.interfaceName).running));
  until(
    a.kernel,
    running,
    () => false,
    () => "the link did not come up",
  );
}

/** What was handed over while the link is down stays, and goes when it is up again. */
function runLinkDown(bench: Bench): void {
  const { a, b, setUp } = bench.pair;
  if (setUp === undefined) bench.skip("these interfaces may not be taken down");
  const link = openLink(bench);
  const first = nextBatch(bench, link);
  run([first[0]], [first[1]]);
  bench.defer(() => {
    setUp(a, true);
    awaitLink(bench.pair);
  });
  setUp(a, false);
  const [sender, receiver] = nextBatch(bench, link);
  sender.step();
  expectEqual("descriptors that stay while the link is down", link.sender.tx.pending(), BATCH);
  expectErrno("sendto while the link is down", kickOnce(link.sender), ERRNO.ENETDOWN);
  expectErrno("recvfrom while the link is down", a.kernel.kickRx(link.sender.fd), ERRNO.ENETDOWN);
  expectEqual("poll(POLLIN) at the other end", b.kernel.wait(link.receiver.fd, POLLIN, 0, -1), 0);
  setUp(a, true);
  awaitLink(bench.pair);
  run([sender], [receiver]);
}

/** Everything says that the device is gone but `poll`, which says nothing. */
function expectGone({ sender, receiver }: Link): void {
  const { kernel } = sender.end;
  expectErrno("sendto without a device", kickOnce(sender), ERRNO.ENXIO);
  expectErrno("recvfrom without a device", kernel.kickRx(receiver.fd), ERRNO.ENXIO);
  for (const { fd } of [sender, receiver]) {
    expectEqual("poll without a device", kernel.wait(fd, POLLIN | POLLOUT, 0, -1), 0);
    expectErrno("SO_ERROR", kernel.socketOption(fd, "SO_ERROR"), ERRNO.ENETDOWN);
    expectErrno("SO_ERROR, the second time", kernel.socketOption(fd, "SO_ERROR"), 0);
    // The counters stay readable.
    kernel.statistics(fd);
  }
}

function runRemoved(bench: Bench): void {
  const { disposable } = bench.pair;
  if (disposable === undefined) bench.skip("these interfaces may not be removed");
  const pair = disposable();
  bench.defer(() => pair.close());
  const own = new Bench(pair, bench, bench.profile);
  bench.defer(() => own.close());
  const link = openLink(own);
  const [sender, receiver] = nextBatch(own, link);
  run([sender], [receiver]);
  pair.remove();
  expectGone(link);
}

/** Without the program nothing arrives. With it again the next packet to arrive is the next one sent. */
function runDetached(bench: Bench): void {
  const link = openLink(bench);
  const first = nextBatch(bench, link);
  run([first[0]], [first[1]]);
  link.program.detach();
  const [lost] = nextBatch(bench, link);
  run([lost], []);
  link.program.attach();
  const last = nextBatch(bench, link);
  run([last[0]], [last[1]]);
}

/** A link, a device or a program that goes away. */
export const REMOVAL: readonly Case[] = [
  {
    name: "LINK_DOWN_UP",
    about: "Descriptors stay while the link is down (ENETDOWN) and are sent when it is up again.",
    run: runLinkDown,
  },
  {
    name: "DEVICE_REMOVED",
    about: "Calls say ENXIO, SO_ERROR says ENETDOWN once, and poll says nothing.",
    run: runRemoved,
  },
  {
    name: "PROGRAM_DETACHED",
    about: "Nothing arrives without the program, and everything once it is attached again.",
    run: runDetached,
  },
];
