import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { root } from "./project-files.ts";

const run = promisify(execFile);
const unpackTimeoutMs = 120_000;
const probeTimeoutMs = 30_000;

/**
 * The package unpacks into the temporary folder and takes whatever already has that name there, half of a file or another user's
 * included. So it unpacks in a process with a temporary folder of its own. The variable makes it bring the
 * libraries that a browser needs and that a bare system does not have.
 */
const unpackInto = async (folder: string): Promise<void> => {
  const script =
    'const { default: chromium } = await import("@sparticuz/chromium"); await chromium.executablePath();';
  await run(process.execPath, ["--input-type=module", "-e", script], {
    cwd: import.meta.dirname,
    env: { ...process.env, TMPDIR: folder, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x" },
    timeout: unpackTimeoutMs,
  });
  await chmod(join(folder, "chromium"), 0o755);
  await chmod(folder, 0o755);
};

/** The package is there everywhere, the programs in it are for one platform. */
export const comesWithInstall = (
  platform: string = process.platform,
  architecture: string = process.arch,
): boolean => platform === "linux" && architecture === "x64";

const bundledVersion = (): string => {
  const main = fileURLToPath(import.meta.resolve("@sparticuz/chromium"));
  const manifest = readFileSync(join(dirname(main), "../package.json"), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
};

/** Unpacks the Chromium that came with the install, once for this checkout, and returns its path. Two at once do no harm. */
export const unpackChromium = async (): Promise<string> => {
  const cache = join(root, ".tagwire");
  const folder = join(cache, `chromium-${bundledVersion()}`);
  const path = join(folder, "chromium");
  if (existsSync(path)) return path;
  await mkdir(cache, { recursive: true });
  const fresh = await mkdtemp(join(cache, "chromium-unpacking-"));
  try {
    await unpackInto(fresh);
    await rename(fresh, folder);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    if (!existsSync(path)) throw error;
  }
  return path;
};

const starts = (path: string, env: NodeJS.ProcessEnv): Promise<boolean> =>
  run(path, ["--version", "--no-sandbox"], { env, timeout: probeTimeoutMs }).then(
    () => true,
    () => false,
  );

/**
 * The environment in which this browser runs: with the fonts and libraries unpacked beside it where the system has none.
 */
export const browserEnvironment = async (path: string): Promise<NodeJS.ProcessEnv> => {
  const fonts = join(dirname(path), "fonts");
  const libraries = join(dirname(path), "al2023/lib");
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    ...(existsSync("/etc/fonts/fonts.conf") || !existsSync(fonts) ? {} : { FONTCONFIG_PATH: fonts }),
  };
  if (!existsSync(libraries) || (await starts(path, env))) return env;
  return { ...env, LD_LIBRARY_PATH: [libraries, env.LD_LIBRARY_PATH].filter(Boolean).join(":") };
};
