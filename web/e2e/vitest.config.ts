import { defineConfig } from "vitest/config";

// Stories told in a real browser against the built binary (PILIN_BIN). One at a time:
// they measure.
export default defineConfig({
  cacheDir: "../node_modules/.vite-e2e",
  test: {
    root: "e2e",
    include: ["*.e2e.ts"],
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 240_000,
    retry: 0,
  },
});
