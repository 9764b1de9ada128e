import type { Case } from "./case.js";
import { SEND_RECEIVE } from "./send-receive.js";

/** All cases, the kernel's own first, in its order. */
export const CASES: readonly Case[] = [...SEND_RECEIVE].sort(
  (a, b) => (a.number ?? Number.POSITIVE_INFINITY) - (b.number ?? Number.POSITIVE_INFINITY),
);
