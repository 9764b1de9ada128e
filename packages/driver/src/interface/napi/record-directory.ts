import { isAbsolute } from "node:path";
import { XdpError } from "@afxdp/core";

/** @throws XdpError ERR_XDP_ARGUMENT unless it is an absolute path */
export function checkDirectory(directory: string): void {
  if (typeof directory === "string" && isAbsolute(directory) && !directory.includes("\0")) return;
  throw new XdpError(
    "ERR_XDP_ARGUMENT",
    `directory ${JSON.stringify(directory)} is not an absolute path.`,
  );
}
