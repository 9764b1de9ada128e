import { defineConfig } from "vitest/config";

const ignored = ["**/node_modules/**", "**/dist/**"];

// Tests import the packages by name, so they run what was built, not what is in src.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["**/test/**/*.test.ts"],
          exclude: [...ignored, "**/*.net.test.ts"],
        },
      },
      {
        test: {
          name: "types",
          include: [],
          exclude: ignored,
          typecheck: { enabled: true, only: true, include: ["**/test/**/*.test-d.ts"], exclude: ignored },
        },
      },
      {
        // On the real kernel: each file is a process of its own, in namespaces of its own.
        test: {
          name: "network",
          include: ["**/test/**/*.net.test.ts"],
          exclude: ignored,
          pool: "forks",
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
