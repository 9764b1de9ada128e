import { BINDING } from "./binding.js";
import type { Case } from "./case.js";
import { DEVICE_RINGS } from "./device-rings.js";
import { FILL_RING } from "./fill-ring.js";
import { INVALID_DESCRIPTORS } from "./invalid-descriptors.js";
import { INVALID_PACKETS } from "./invalid-packets.js";
import { LIFECYCLE } from "./lifecycle.js";
import { POLL } from "./poll.js";
import { PROGRAMS } from "./programs.js";
import { REMOVAL } from "./removal.js";
import { RESIZE } from "./resize.js";
import { RX_HINTS } from "./rx-hints.js";
import { SEND_RECEIVE } from "./send-receive.js";
import { SHARING } from "./sharing.js";
import { STATISTICS } from "./statistics.js";
import { TX_BUDGET } from "./tx-budget.js";
import { TX_METADATA } from "./tx-metadata.js";
import { XSKMAP } from "./xskmap.js";

const ALL = [
  ...[SEND_RECEIVE, POLL, INVALID_DESCRIPTORS, LIFECYCLE, STATISTICS, PROGRAMS, INVALID_PACKETS],
  ...[DEVICE_RINGS, RESIZE, TX_BUDGET],
  ...[BINDING, FILL_RING, SHARING, TX_METADATA, RX_HINTS, XSKMAP, REMOVAL],
];

/** All cases, the kernel's own first, in its order. */
export const CASES: readonly Case[] = ALL.flat().sort(
  (a, b) => (a.number ?? Number.MAX_SAFE_INTEGER) - (b.number ?? Number.MAX_SAFE_INTEGER),
);
