import { defineConfig } from "vitest/config";

// Real Chromium against the mock, or against FESTIVAL_URL. One file at a time: two browsers on two cores distort each other.
export default defineConfig({
  test: { environment: "node", include: ["e2e/**/*.test.ts"], fileParallelism: false, testTimeout: 240_000, hookTimeout: 180_000 },
});
