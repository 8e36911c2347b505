import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { shellWorker } from "./src/shell/worker-file.ts";

/** Where the api-gateway listens while the page is developed. */
const gateway = process.env.TAGWIRE_GATEWAY ?? "http://127.0.0.1:8080";

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), tailwindcss(), shellWorker()],
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: true,
    // Everything is a file with a hash in its name: a strict content security policy allows no data: URL.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    host: "127.0.0.1",
    proxy: { "/api": { target: gateway, ws: true } },
  },
});
