import { basename } from "node:path";
import { configDefaults, defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

// Stories told in a real browser against the built binary (PILIN_BIN): three files at a
// time, since many a story waits for something to be noticed. What measures the page's
// own time comes after them, alone.
const MEASURES = ["load.e2e.ts"];

/** The files that take longest come first, so that none is left alone at the end. */
const LONG = ["graphics", "outages", "desk", "wall", "soak", "pictures", "memory"];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => (LONG.indexOf(basename(moduleId, ".e2e.ts")) + LONG.length + 1) % (LONG.length + 1);
    return [...files].sort((a, b) => rank(a) - rank(b));
  }
}

const common = { root: "e2e", testTimeout: 240_000, hookTimeout: 240_000, retry: 0 };

export default defineConfig({
  cacheDir: "../node_modules/.vite-e2e",
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          ...common,
          name: "stories",
          include: ["*.e2e.ts"],
          exclude: [...configDefaults.exclude, ...MEASURES],
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: { ...common, name: "measures", include: MEASURES, fileParallelism: false, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
