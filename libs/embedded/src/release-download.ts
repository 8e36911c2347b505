import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { lastWords, runCommand } from "./command.ts";
import { EmbeddedFailure } from "./failure.ts";

/** A release of nats-server that may be downloaded, and the checksums that its archives must have. */
export interface Release {
  readonly version: string;
  readonly sha256: ReadonlyMap<string, string>;
}

const upstream = "https://github.com/nats-io/nats-server/releases/download";

export const pinnedRelease: Release = {
  version: "2.12.15",
  sha256: new Map([
    ["linux-amd64", "58ab8131f819263897e2fc38e503e1b755b63bcafeecc7d12582487df48ca15e"],
    ["linux-arm64", "b724db99fefbf8f5c808baa82819ee50350aee9734017e4a478f7e545cef3ab6"],
  ]),
};

const downloadTimeoutMs = 120_000;
const downloadBytesMax = 64 * 1024 * 1024;

const goArchitecture = (): string => (process.arch === "x64" ? "amd64" : process.arch);

const download = async (url: string): Promise<Buffer> => {
  const response = await fetch(url, { signal: AbortSignal.timeout(downloadTimeoutMs) });
  if (!response.ok || response.body === null) throw new Error(`the server answered ${response.status}`);
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body) {
    size += part.length;
    if (size > downloadBytesMax) throw new Error(`the file is larger than ${downloadBytesMax} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
};

/**
 * Downloads the pinned release into `work`, checks its SHA-256 and unpacks it. `baseUrl` replaces the address that
 * stands before `/v<version>/<file>`.
 *
 * Returns the binary, or a reason why there is none. Throws `embedded.checksum` when the file is not the pinned one:
 * a wrong file is never a reason to try the next way quietly.
 */
export const downloadRelease = async (
  work: string,
  baseUrl: string = upstream,
  release: Release = pinnedRelease,
): Promise<{ readonly binary: string } | string> => {
  const platform = `${process.platform}-${goArchitecture()}`;
  const wanted = release.sha256.get(platform);
  if (wanted === undefined) return `release: no checked build is listed for ${platform}`;
  const name = `nats-server-v${release.version}-${platform}`;
  let file: Buffer;
  try {
    file = await download(`${baseUrl.replace(/\/+$/, "")}/v${release.version}/${name}.tar.gz`);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : "";
    return `release: the download failed: ${error instanceof Error ? error.message : String(error)}${cause}`;
  }
  const found = createHash("sha256").update(file).digest("hex");
  if (found !== wanted) {
    throw new EmbeddedFailure(
      "embedded.checksum",
      `The downloaded ${name}.tar.gz has SHA-256 ${found} where ${wanted} is expected; it was thrown away.`,
    );
  }
  const archive = join(work, "release.tar.gz");
  writeFileSync(archive, file);
  const unpacked = await runCommand("tar", ["-xzf", archive, "-C", work]);
  if (unpacked.code !== 0) return `release: the archive does not unpack: ${lastWords(unpacked)}`;
  return { binary: join(work, name, "nats-server") };
};
