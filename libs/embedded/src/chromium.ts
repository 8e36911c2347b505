import { EmbeddedFailure } from "./failure.ts";
import { findAllOnPath, isExecutableFile } from "./search-path.ts";

/** Unpacks a browser that came with the install and returns its path, as `@sparticuz/chromium` does. */
export type BundledBrowser = () => Promise<string>;

const names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/**
 * A Chromium to drive: `$CHROMIUM_BIN`, then one on PATH, then the bundled one where there is one for this platform.
 *
 * Throws `embedded.browser_missing` when `$CHROMIUM_BIN` cannot be run, or when there is none at all.
 */
export const findChromium = async (
  env: NodeJS.ProcessEnv = process.env,
  bundled?: BundledBrowser,
): Promise<string> => {
  const named = env.CHROMIUM_BIN;
  if (named !== undefined && named !== "") {
    if (isExecutableFile(named)) return named;
    throw new EmbeddedFailure("embedded.browser_missing", `CHROMIUM_BIN=${named} is not an executable file.`);
  }
  const installed = names.flatMap((name) => findAllOnPath(name, env))[0];
  if (installed !== undefined) return installed;
  if (bundled !== undefined) return bundled();
  throw new EmbeddedFailure(
    "embedded.browser_missing",
    `No Chromium was found, and none comes with the packages on ${process.platform} ${process.arch}. ` +
      "Install chromium, or set CHROMIUM_BIN to one.",
  );
};
