/** What a prebuilt addon is made for. */
export interface Platform {
  readonly os: string;
  readonly arch: string;
  /** The C library; `none` outside of Linux. */
  readonly libc: "glibc" | "musl" | "none";
}

interface ReportHeader {
  readonly header?: { readonly glibcVersionRuntime?: string };
}

/** Tells what this process runs on. */
export function detectPlatform(): Platform {
  const libc = process.platform !== "linux" ? "none" : hasGlibc() ? "glibc" : "musl";
  return { os: process.platform, arch: process.arch, libc };
}

/** The prebuilt addon's path for a platform, relative to the package. */
export function prebuildPath(platform: Platform): string {
  return `prebuilds/${platform.os}-${platform.arch}/afxdp.${platform.libc}.node`;
}

function hasGlibc(): boolean {
  const report = process.report as typeof process.report & { excludeNetwork?: boolean };
  // Otherwise a report looks up the names of open connections' peers, which can take seconds.
  const { excludeNetwork } = report;
  if (excludeNetwork !== undefined) report.excludeNetwork = true;
  try {
    return (report.getReport() as ReportHeader).header?.glibcVersionRuntime !== undefined;
  } finally {
    if (excludeNetwork !== undefined) report.excludeNetwork = excludeNetwork;
  }
}
