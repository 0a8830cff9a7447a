import { defineConfig } from "vitest/config";

// One HTML entry a page. Nothing is inlined, so that a strict content security
// policy holds; the server embeds `dist` and serves `/wall` from `wall.html`.
export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
    rollupOptions: {
      input: {
        wall: "wall.html",
        desk: "desk.html",
        enter: "enter.html",
        admin: "admin.html",
        api: "api.html",
      },
      // How long plugins take is of no interest to who builds the pages.
      checks: { bundlerTimings: false },
    },
  },
  worker: { format: "es" },
  test: {
    include: ["src/**/*.test.ts"],
    execArgv: ["--expose-gc"],
  },
});
