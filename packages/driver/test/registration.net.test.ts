import { ERRNO, type UmemRegistration, wrapKernel } from "@afxdp/core";
import { beginSetup, hasFeature } from "@afxdp/driver";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { expect, it } from "vitest";
import { failing } from "./support/counted.js";

describeOnKernel("the registration of a UMEM", () => {
  const lab = useLab({ ipv6: false });

  it("is tried again without the flag for TX metadata, which the first kernels with it did not know", async () => {
    const { kernel, fail } = failing();
    const asked: UmemRegistration[] = [];
    const watched = wrapKernel(kernel, (method, args, proceed) => {
      if (method === "registerUmem") asked.push(args[2] as UmemRegistration);
      return proceed();
    });
    hasFeature(watched, "txMetadata");
    asked.length = 0;
    fail("registerUmem", 1, "umem", ERRNO.EINVAL);
    const txMetadata = { length: 32, softwareChecksum: true };
    const needsFill = beginSetup(watched, lab.a.device, 0)
      .socket()
      .umem({ frameCount: 64, txMetadata });
    expect(asked.map(({ flags, txMetadataLength }) => [flags, txMetadataLength])).toEqual([
      [6, 32],
      [2, 32],
    ]);
    await needsFill.close();
  });

  it.each([
    ["without TX metadata", {}, ERRNO.EINVAL],
    ["for another reason", { txMetadata: true }, ERRNO.ENOMEM],
  ])("is not tried again %s", (_what, options, errno) => {
    const { kernel, fail } = failing();
    hasFeature(kernel, "txMetadata");
    fail("registerUmem", 1, "umem", errno);
    const needsUmem = beginSetup(kernel, lab.a.device, 0).socket();
    expect(() => needsUmem.umem({ frameCount: 64, ...options })).toThrow(
      expect.objectContaining({ errno, step: "umem" }),
    );
    expect(needsUmem.sequence.closed).toBe(true);
  });

  it.each([
    ["unaligned", { unaligned: true, frameSize: 3000 }],
    ["txMetadata", { txMetadata: true }],
  ])(
    "is not made where the kernel has no %s frames, and can be made without",
    async (feature, options) => {
      const { kernel, fail } = failing();
      const lacking = wrapKernel(kernel, (method, args, proceed) => {
        // As a kernel before says to the probe: it takes what it does not look at, and refuses flags.
        const { flags } = (args[2] ?? {}) as { flags?: number };
        if (method === "registerUmem" && (flags ?? 0) !== 0) {
          fail("registerUmem", 1, "umem", ERRNO.EINVAL);
        }
        if (method === "registerUmem" && flags === 0) return undefined;
        return proceed();
      });
      const needsUmem = beginSetup(lacking, lab.a.device, 0).socket();
      expect(() => needsUmem.umem({ frameCount: 64, ...options })).toThrow(
        expect.objectContaining({ code: "ERR_XDP_FEATURE", feature }),
      );
      needsUmem.umem({ frameCount: 64 });
      await needsUmem.close();
    },
  );
});
