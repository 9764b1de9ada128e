import { loadSteering, redirect, type SteeringProgram } from "@afxdp/bpf";
import { createLinuxKernel } from "@afxdp/native";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ethernet } from "./support/packets.js";
import { refused } from "./support/refused.js";
import { createVerdictRunner, PASS, REDIRECT, type VerdictRunner } from "./support/verdicts.js";

describeOnKernel("sockets enter and leave the program's map", () => {
  const kernel = createLinuxKernel();
  let program: SteeringProgram;
  let runner: VerdictRunner;
  beforeAll(() => {
    program = loadSteering(kernel, { rules: redirect.all(), queues: 2 });
    runner = createVerdictRunner();
  });
  afterAll(() => {
    program.close();
    runner.remove();
  });
  const verdict = (): number | undefined => runner.judge(program, [ethernet()])[0];

  it("a queue's packets are redirected while its socket is entered", () => {
    const socket = kernel.socket();
    expect(verdict()).toBe(PASS);
    program.enter(0, socket);
    expect(verdict()).toBe(REDIRECT);
    program.leave(0);
    expect(verdict()).toBe(PASS);
    program.leave(0);
    kernel.close(socket);
  });

  it("another queue's socket changes nothing", () => {
    const socket = kernel.socket();
    program.enter(1, socket);
    expect(verdict()).toBe(PASS);
    kernel.close(socket);
  });

  it("a socket can take another one's place", () => {
    const sockets = [kernel.socket(), kernel.socket()];
    for (const socket of sockets) program.enter(0, socket);
    expect(verdict()).toBe(REDIRECT);
    program.leave(0);
    for (const socket of sockets) kernel.close(socket);
  });

  it("a queue that the program was not loaded for is refused", () => {
    const socket = kernel.socket();
    expect(refused("ERR_XDP_MAP_FULL", () => program.enter(2, socket)).message).toContain(
      "queue 2",
    );
    refused("ERR_XDP_MAP_FULL", () => program.enter(65535, socket));
    kernel.close(socket);
  });

  it.each([-1, 1.5, Number.NaN, 65536, 2 ** 32, "0"])("queue %s is refused", (queueId) => {
    refused("ERR_XDP_QUEUE_ID", () => program.enter(queueId as number, 0));
    refused("ERR_XDP_QUEUE_ID", () => program.leave(queueId as number));
  });
});
