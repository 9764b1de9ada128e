import { join } from "node:path";
import { type BpfFs, mountBpfFs } from "@afxdp/testkit";
import { afterAll, beforeAll } from "vitest";

/** A BPF file system for all tests of a `describe`, apart from the machine's; what is pinned in it goes with it. */
export function useBpfFs(): { path(name: string): string } {
  let mounted: BpfFs;
  beforeAll(() => {
    mounted = mountBpfFs();
  });
  afterAll(() => mounted.close());
  return { path: (name) => join(mounted.path, name) };
}
