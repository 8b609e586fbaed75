// Tests are TypeScript, run from the sources by worker processes. See docs/dependencies.md for why swc.
import { availableParallelism } from "node:os";

/** Tests wait for servers, browsers and timeouts most of the time, so that a machine with two cores is busy with three workers. */
const maxWorkers = Math.max(3, availableParallelism() - 1);

/** @type {import("jest").Config} */
export default {
  maxWorkers,
  roots: ["<rootDir>/test"],
  testMatch: ["**/*.test.ts"],
  testEnvironment: "node",
  transform: {
    "\\.ts$": [
      "@swc/jest",
      {
        jsc: { parser: { syntax: "typescript" }, target: "es2022" },
        module: { type: "commonjs" },
        sourceMaps: "inline",
      },
    ],
  },
  // Relative imports name the `.js` file that the TypeScript source becomes.
  moduleNameMapper: { "^(\\.{1,2}/.*)\\.js$": "$1" },
  moduleFileExtensions: ["js", "mjs", "cjs", "ts", "json", "node"],
  modulePathIgnorePatterns: ["<rootDir>/dist/", "<rootDir>/node_modules/.cache/"],
  globalSetup: "<rootDir>/test/support/detect-requirements.mjs",
  reporters: [
    "default",
    "<rootDir>/test/support/contract-reporter.mjs",
    "<rootDir>/test/support/skipped-parts-reporter.mjs",
  ],
  testTimeout: 15_000,
  coverageProvider: "v8",
  collectCoverageFrom: ["src/**/*.ts"],
};
