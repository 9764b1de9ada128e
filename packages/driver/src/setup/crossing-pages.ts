import { XdpError } from "@afxdp/core";
import type { ZeroCopyWish } from "./stages.js";

/**
 * Why zero copy is impossible whatever the driver can do: a frame may lie across pages that are not side by side in
 * memory, and the kernel swallows a frame that does without a word. Nothing when it is possible.
 */
export function crossingPages(
  geometry: { readonly frameSize: number; readonly length: number },
  pageSize: number,
): string | undefined {
  if (pageSize % geometry.frameSize === 0 || geometry.length <= pageSize) return undefined;
  return `frames of ${geometry.frameSize} bytes cross pages of ${pageSize}`;
}

/** The wish for a UMEM whose frames cross pages. @throws XdpError ERR_XDP_CONFLICT when zero copy is required */
export function refuseCrossing(zeroCopy: ZeroCopyWish, reason: string): "never" {
  if (zeroCopy === "require") {
    throw new XdpError("ERR_XDP_CONFLICT", `Zero copy is required, but ${reason}.`, {
      hint: "Use frames of a power of two, or memory: { hugePages } whose pages they do not cross.",
    });
  }
  return "never";
}
