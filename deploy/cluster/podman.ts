import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "@tagwire/embedded";

/** A build fetches packages, and a slow line is no fault. */
const buildTimeoutMs = 900_000;
const shownLinesMax = 25;

/** runc does without the newer control groups, and limits as a machine without rights to raise them has. */
const settings = `[containers]
default_ulimits = ["nofile=20000:20000", "nproc=8192:8192"]
[engine]
runtime = "runc"
events_logger = "file"
`;

const folder = mkdtempSync(join(tmpdir(), "tagwire-images-"));
const settingsFile = join(folder, "containers.conf");
writeFileSync(settingsFile, settings);
const env = { ...process.env, CONTAINERS_CONF: settingsFile };

/** podman said no; the message ends with what it said last. */
export class PodmanFailure extends Error {}

const lastLines = (text: string): string => text.trimEnd().split("\n").slice(-shownLinesMax).join("\n  ");

/** Runs podman and gives what it prints. @throws PodmanFailure */
export const podman = async (args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await runCommand("podman", args, { env, timeoutMs: buildTimeoutMs });
  if (code !== 0)
    throw new PodmanFailure(`podman ${args[0]} ended with ${code}:\n  ${lastLines(`${stdout}\n${stderr}`)}`);
  return stdout.trim();
};

/** Whether podman ends well; for what is asked and not demanded. */
export const podmanAgrees = async (args: readonly string[]): Promise<boolean> =>
  (await runCommand("podman", args, { env, timeoutMs: buildTimeoutMs })).code === 0;

/**
 * How npm asks for packages on this machine (registry, certificates), as a file that only the build sees: of it nothing is in an image.
 */
export const npmSettings = async (): Promise<string> => {
  const file = join(folder, "npmrc");
  const lines: string[] = [];
  for (const name of ["registry", "cafile", "proxy", "https-proxy", "noproxy"]) {
    const { stdout } = await runCommand("npm", ["config", "get", name], { timeoutMs: 30_000 });
    const value = stdout.trim();
    if (value !== "" && value !== "null" && value !== "undefined") lines.push(`${name}=${value}`);
  }
  writeFileSync(file, `${lines.join("\n")}\n`, { mode: 0o600 });
  return file;
};
