import { type ChildProcess, execFileSync } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createLab, exchangeUdp } from "@afxdp/testkit";
import { afxdp, createLinuxKernel, type FrameCounts } from "afxdp";
import type { Message, Report } from "./report.js";

/*
 * The demo: in one network namespace a responder on AF_XDP, in another the kernel's own stack, which pings it and
 * sends it datagrams over a veth pair. Ends with status 1 when anything was lost or left behind.
 */
const PINGS = 100;
const DATAGRAMS = 20_000;
const ADDRESS = "10.77.0.9"; // of the responder alone: no stack has it
const PORT = 9000;
const started = performance.now();

const script = (name: string): string => fileURLToPath(new URL(`./${name}.js`, import.meta.url));

async function message<K extends "ready" | "report">(child: ChildProcess, key: K) {
  const [received] = (await Promise.race([
    once(child, "message"),
    once(child, "exit").then(([status]) => {
      throw new Error(`The responder ended early with status ${status}.`);
    }),
  ])) as [Message];
  return (
    received as Record<
      K,
      Message extends infer M ? (M extends Record<K, infer V> ? V : never) : never
    >
  )[key];
}

const frames = (f: FrameCounts): string =>
  `free ${f.free}, application ${f.application}, fill ${f.fill}, transmit ${f.transmit}, total ${f.total}`;

const lab = createLab();
const failures: string[] = [];
const expect = (holds: boolean, otherwise: string): string => {
  if (!holds) failures.push(otherwise);
  return holds ? "ok" : `FAILED: ${otherwise}`;
};
try {
  const responder = lab.a.spawn(
    process.execPath,
    [script("respond"), lab.a.device, lab.a.mac, ADDRESS, String(PORT)],
    { stdio: ["ignore", "inherit", "inherit", "ipc"] },
  );
  const mode = await message(responder, "ready");
  console.log(
    `mode        XDP ${mode.xdp}, ${mode.zeroCopy ? "zero copy" : "copy"}, on ${lab.a.device}`,
  );

  const ping = lab.b.run("ping", "-q", "-c", String(PINGS), "-i", "0.01", "-W", "2", ADDRESS);
  const pings = Number(/(\d+) received/.exec(ping)?.[1] ?? 0);
  const udp = await exchangeUdp(lab.b, { address: ADDRESS, port: PORT, count: DATAGRAMS });

  responder.send("stop");
  const report: Report = await message(responder, "report");
  await once(responder, "exit");

  const { arp, icmp, udp: echoed } = report.answered;
  const lost = PINGS - pings + (DATAGRAMS - udp.returned);
  console.log(`answered    ${arp} ARP, ${icmp} ICMP echo, ${echoed} UDP echo`);
  console.log(`returned    ${pings} of ${PINGS} pings, ${udp.returned} of ${DATAGRAMS} datagrams`);
  console.log(
    `lost        ${lost}: ${expect(lost === 0 && udp.wrong === 0, `${lost} lost, ${udp.wrong} wrong`)}`,
  );
  console.log(
    `rate        ${Math.round(udp.returned / udp.seconds)} datagrams there and back per second`,
  );
  console.log(`kicks       ${report.txKicks} for ${arp + icmp + echoed} packets`);
  console.log(`frames      before: ${frames(report.before)}`);
  console.log(`            after:  ${frames(report.after)}`);
  const { free, application, fill, transmit, total } = report.after;
  const whole = free + application + fill + transmit === total && application + transmit === 0;
  console.log(`            ${expect(whole, "frames are missing or still under way")}`);
  console.log(`descriptors ${expect(report.leaked === 0, `${report.leaked} left open`)}`);

  const leave = lab.a.enter();
  try {
    const kernel = createLinuxKernel();
    const left = kernel.attachedProgram(kernel.interfaceState(lab.a.device).index);
    console.log(
      `program     ${expect(left === undefined, `program ${left?.id} is still attached`)}`,
    );
    const again = await afxdp(lab.a.device)
      .umem({ frameCount: 64 })
      .fill(64)
      .completion(64)
      .tx(64)
      .open();
    await again.close();
    console.log("queue       ok, it could be bound again");
  } finally {
    leave();
  }
} finally {
  lab.close();
}
const namespaces = execFileSync("ip", ["netns", "list"], { encoding: "utf8" });
const mine = [lab.a, lab.b].filter((host) => namespaces.includes(host.namespace));
console.log(`namespaces  ${expect(mine.length === 0, "not removed")}`);
console.log(`took        ${((performance.now() - started) / 1000).toFixed(1)} s`);
if (failures.length > 0) {
  console.error(`The demo failed: ${failures.join("; ")}.`);
  process.exitCode = 1;
}
