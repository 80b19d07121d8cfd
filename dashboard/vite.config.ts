import { defineConfig } from "vitest/config";

// Four pages, file names without hashes: dist/ is committed, so a rebuild must show as a modification, not as churn.
export default defineConfig({
  base: "/",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    sourcemap: false,
    target: "es2023",
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    rolldownOptions: {
      input: { wall: "index.html", desk: "desk.html", merchant: "merchant.html", ops: "ops.html" },
      output: {
        entryFileNames: "assets/[name].js",
        chunkFileNames: "assets/[name].js",
        assetFileNames: "assets/[name][extname]",
        codeSplitting: {
          // Highest first: a group takes its dependencies along, so what many need is taken out before.
          groups: [
            { name: "uplot", test: /node_modules\/uplot/, priority: 9 },
            { name: "preact", test: /node_modules\/(preact|@preact)/, priority: 9 },
            { name: "shared", test: /src\/shared\/(?!session|shell|chart|page|languages|(es|it|ru|tr)\.json)/, priority: 8 },
            { name: "languages", test: /src\/shared\/(languages|es|it|ru|tr)\./, priority: 3 },
            { name: "pages", test: /src\/shared\/(session|shell|page)\./, priority: 2 },
            { name: "chart", test: /src\/shared\/chart/, priority: 1 },
          ],
        },
      },
    },
  },
  server: { host: "127.0.0.1", proxy: { "/api": "http://127.0.0.1:4311" } },
  test: { environment: "node", include: ["src/**/*.test.{ts,tsx}"], testTimeout: 120_000 },
});
