import type { Case } from "./case.js";
import { INVALID_DESCRIPTORS } from "./invalid-descriptors.js";
import { INVALID_PACKETS } from "./invalid-packets.js";
import { SEND_RECEIVE } from "./send-receive.js";
import { STATISTICS } from "./statistics.js";

const ALL = [SEND_RECEIVE, INVALID_DESCRIPTORS, INVALID_PACKETS, STATISTICS];

/** All cases, the kernel's own first, in its order. */
export const CASES: readonly Case[] = ALL.flat().sort(
  (a, b) => (a.number ?? Number.POSITIVE_INFINITY) - (b.number ?? Number.POSITIVE_INFINITY),
);
