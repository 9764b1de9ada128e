import { type Kernel, traceKernel, wrapKernel, XdpError } from "@afxdp/core";
import { expect, it } from "vitest";

/** Enough of a Kernel to be called; what it does is not what is tested. */
class Recorder {
  readonly name = "recorder";
  #next = 3;
  socket(): number {
    return this.#next++;
  }
  close(fd: number): void {
    if (fd < 3) throw new XdpError("ERR_XDP_SYSCALL", "not mine");
  }
}
const kernel = new Recorder() as unknown as Kernel;

it("a traced Kernel does the same and writes a line per call", () => {
  const lines: string[] = [];
  const traced = traceKernel(kernel, (line) => lines.push(line));
  expect(traced.name).toBe("recorder");
  traced.close(traced.socket());
  expect(() => traced.close(1)).toThrow("not mine");
  expect(lines).toEqual(["socket() = 3", "close(3) = undefined", "close(1) = not mine"]);
});

it("a wrapped Kernel can have a call fail instead", () => {
  const failing = wrapKernel(kernel, (method, _args, proceed) => {
    if (method === "socket") throw new XdpError("ERR_XDP_PERMISSION", "no");
    return proceed();
  });
  expect(() => failing.socket()).toThrow("no");
  failing.close(5);
});
