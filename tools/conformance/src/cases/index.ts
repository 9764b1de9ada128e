import type { Case } from "./case.js";
import { DEVICE_RINGS } from "./device-rings.js";
import { INVALID_DESCRIPTORS } from "./invalid-descriptors.js";
import { INVALID_PACKETS } from "./invalid-packets.js";
import { LIFECYCLE } from "./lifecycle.js";
import { POLL } from "./poll.js";
import { PROGRAMS } from "./programs.js";
import { RESIZE } from "./resize.js";
import { SEND_RECEIVE } from "./send-receive.js";
import { STATISTICS } from "./statistics.js";
import { TX_BUDGET } from "./tx-budget.js";

const ALL = [
  DEVICE_RINGS,
  TX_BUDGET,
  LIFECYCLE,
  POLL,
  PROGRAMS,
  RESIZE,
  SEND_RECEIVE,
  INVALID_DESCRIPTORS,
  INVALID_PACKETS,
  STATISTICS,
];

/** All cases, the kernel's own first, in its order. */
export const CASES: readonly Case[] = ALL.flat().sort(
  (a, b) => (a.number ?? Number.POSITIVE_INFINITY) - (b.number ?? Number.POSITIVE_INFINITY),
);
