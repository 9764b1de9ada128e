import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const ignored = ["**/node_modules/**", "**/dist/**"];
// Patterns, with blanks between: `npm run test:nodes` leaves out what does not depend on Node.
const leftOut = process.env.AFXDP_EXCLUDE?.split(" ") ?? [];

// Tests import the packages by name, so they run what was built, not what is in src.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["**/test/**/*.test.ts"],
          exclude: [...ignored, "**/stress/**", "**/*.net.test.ts", "**/*.package.test.ts"],
          testTimeout: 30_000,
        },
      },
      {
        // Long ones, which watch threads race or count garbage: one at a time.
        test: {
          name: "stress",
          include: ["**/test/stress/**/*.test.ts"],
          exclude: [...ignored, "**/*.net.test.ts"],
          maxWorkers: 1,
          testTimeout: 120_000,
        },
      },
      {
        test: {
          name: "types",
          include: [],
          exclude: ignored,
          typecheck: {
            enabled: true,
            only: true,
            include: ["**/test/**/*.test-d.ts"],
            exclude: ignored,
            tsconfig: fileURLToPath(new URL("tsconfig.types.json", import.meta.url)),
            // Errors in other files are told by `pnpm types`.
            ignoreSourceErrors: true,
          },
        },
      },
      {
        // On the real kernel: each file in a process and in namespaces of its own. One at a
        // time, because a starved packet loop on a small machine looks like a lost packet.
        test: {
          name: "network",
          include: ["**/test/**/*.net.test.ts"],
          exclude: [...ignored, ...leftOut],
          pool: "forks",
          isolate: true,
          maxWorkers: 1,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // What would be published, installed outside of the workspace.
        test: {
          name: "package",
          include: ["**/test/**/*.package.test.ts"],
          exclude: ignored,
          pool: "forks",
          maxWorkers: 1,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
