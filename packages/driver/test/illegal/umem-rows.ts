import type { ErrorCode } from "@afxdp/core";
import { Umem } from "@afxdp/umem";
import { type Anything, after, FRAMES, type Row } from "./bench.js";

/** Frames that the set-up refuses with a code, and the same as a registration that the kernel refuses. */
const umem = (
  options: object,
  code: ErrorCode,
  registration: object,
  errno = "EINVAL",
): Omit<Row, "what"> => ({
  attempt: ({ begin, now }) => {
    const needsUmem = begin().socket?.() as Anything;
    now();
    return needsUmem.umem?.(options);
  },
  code,
  raw: ({ raw }) => raw().umem(registration),
  errno,
});

/** UMEM_REG. */
export const UMEM_ROWS: Row[] = [
  {
    what: "a chunk below 2048",
    ...umem({ frameCount: 8, frameSize: 1024 }, "ERR_XDP_CHUNK_SIZE", { chunkSize: 1024 }),
  },
  {
    what: "a chunk above the page size",
    ...umem({ frameCount: 8, frameSize: 8192 }, "ERR_XDP_CHUNK_SIZE", { chunkSize: 8192 }),
  },
  {
    what: "an aligned chunk that is no power of two",
    ...umem({ frameCount: 8, frameSize: 3000 }, "ERR_XDP_CHUNK_SIZE", {
      chunkSize: 3000,
      length: 24000,
    }),
  },
  {
    what: "an unaligned chunk above the page size",
    ...umem({ frameCount: 8, frameSize: 4097, unaligned: true }, "ERR_XDP_CHUNK_SIZE", {
      chunkSize: 4097,
      flags: 1,
    }),
  },
  { what: "no frames", ...umem({ frameCount: 0 }, "ERR_XDP_UMEM_SIZE", { length: 0 }) },
  {
    what: "part of a frame",
    ...umem({ frameCount: 2.5 }, "ERR_XDP_UMEM_SIZE", { length: 5 * 1024 }),
  },
  {
    what: "an unknown UMEM flag",
    ...umem({ frameCount: 8, flags: 8 }, "ERR_XDP_ARGUMENT", { flags: 8 }),
  },
  {
    what: "TX metadata of 256 bytes",
    ...umem({ frameCount: 8, txMetadata: { length: 256 } }, "ERR_XDP_TX_METADATA", {
      flags: 4,
      txMetadataLength: 256,
    }),
  },
  {
    what: "TX metadata that is no multiple of 8",
    ...umem({ frameCount: 8, txMetadata: { length: 28 } }, "ERR_XDP_TX_METADATA", {
      flags: 4,
      txMetadataLength: 28,
    }),
  },
  {
    what: "headroom that leaves no room",
    ...umem({ frameCount: 8, headroom: 1792 }, "ERR_XDP_HEADROOM", { headroom: 1792 }),
  },
  {
    what: "frames that begin within a page",
    ...umem({}, "ERR_XDP_ARENA", { offset: 64 }),
    attempt: ({ begin, now }) => {
      const needsUmem = begin().socket?.() as Anything;
      const placement = { slack: 4096, offsetIn: () => 64 };
      now();
      return needsUmem.umem?.(new Umem({ frameCount: 8, placement }));
    },
  },
  {
    what: "a second UMEM",
    attempt: after([["socket"], FRAMES], "umem", { frameCount: 64 }),
    code: "ERR_XDP_STATE",
    raw: ({ raw }) => raw().umem().umem(),
    errno: "EBUSY",
  },
];
