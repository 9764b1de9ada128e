import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { quietly } from "./child.mjs";
import { DEBIAN_PACKAGES } from "./plan.mjs";
import { Stop } from "./stop.mjs";

const IN_DOCKER = 'docker run --rm -it --privileged -v "$PWD":/afxdp -w /afxdp node:20-bookworm';

/** Installs the Debian packages that are missing; stops with the one command to run if it can't. */
export async function checkSystem(job) {
  const npm = ["demo", "conformance"].includes(job) ? `npm run ${job}` : "npm test";
  if (process.platform !== "linux" || !hasApt()) {
    throw new Stop(
      `This needs Linux with apt (made for Debian 12). Elsewhere, use a container:\n  ${IN_DOCKER} ${npm}`,
    );
  }
  const missing = missingPackages();
  if (missing.length === 0) return;
  const install = `apt-get install -y --no-install-recommends ${missing.join(" ")}`;
  if (process.getuid() !== 0) {
    throw new Stop(`Debian packages are missing. Install them with:\n  sudo ${install}`);
  }
  const cure = `Mend apt's error above, or install by hand:\n  ${install}`;
  const options = { cure, env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } };
  const count = missing.length === 1 ? "1 Debian package" : `${missing.length} Debian packages`;
  await quietly("updating apt's lists", "apt-get", ["update", "-q"], options);
  await quietly(
    `installing ${count}: ${missing.join(" ")} (a minute or two)`,
    "apt-get",
    ["install", "-y", "-q", "-o", "DPkg::Lock::Timeout=120", "--no-install-recommends", ...missing],
    options,
  );
}

/** The packages of the list that dpkg does not know as installed. */
export function missingPackages(names = Object.keys(DEBIAN_PACKAGES)) {
  const format = ["-W", "-f", `\${Package} \${db:Status-Abbrev}\\n`];
  const query = spawnSync("dpkg-query", [...format, ...names], { encoding: "utf8" });
  const installed = new Set();
  for (const line of query.stdout.split("\n")) {
    const [name, status] = line.split(" ");
    if (status === "ii" || status === "hi") installed.add(name);
  }
  return names.filter((name) => !installed.has(name));
}

function hasApt() {
  const folders = (process.env.PATH ?? "").split(":");
  return ["apt-get", "dpkg-query"].every((name) =>
    folders.some((folder) => existsSync(`${folder}/${name}`)),
  );
}
