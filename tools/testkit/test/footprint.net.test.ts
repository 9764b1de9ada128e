import { closeSync, openSync } from "node:fs";
import { createLinuxKernel } from "@afxdp/native";
import { footprint } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { expect, it } from "vitest";

declare const WebAssembly: {
  Memory: new (size: {
    initial: number;
    maximum: number;
    shared: true;
  }) => { readonly buffer: SharedArrayBuffer };
};

describeOnKernel("a footprint", () => {
  it("is the same when nothing happens", () => {
    expect(footprint()).toEqual(footprint());
  });

  it("counts a descriptor", () => {
    const before = footprint();
    const fd = openSync("/dev/null", "r");
    expect(footprint()).toEqual({ ...before, fds: before.fds + 1 });
    closeSync(fd);
    expect(footprint()).toEqual(before);
  });

  it("counts a mapped ring", () => {
    const kernel = createLinuxKernel();
    const { buffer } = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    const arena = new Uint8Array(buffer);
    const before = footprint();
    const fd = kernel.socket();
    kernel.setRingSize(fd, "rx", 64);
    kernel.mapRing(fd, "rx", arena, 0, kernel.pageSize);
    kernel.close(fd);
    expect(footprint()).toEqual({ ...before, xdpMappings: before.xdpMappings + 1 });
    kernel.unmapRing(arena, 0, kernel.pageSize);
    expect(footprint()).toEqual(before);
  });
});
