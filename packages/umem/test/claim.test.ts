import { Umem } from "@afxdp/umem";
import { expect, it } from "vitest";

it("a UMEM is claimed by one set-up only", () => {
  const umem = new Umem({ frameCount: 2 });
  umem.claim();
  expect(() => umem.claim()).toThrow(expect.objectContaining({ code: "ERR_XDP_ARGUMENT" }));
});
