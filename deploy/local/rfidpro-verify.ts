import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accessOf } from "./access.ts";
import { rfidproUsage, type VerifyOptions } from "./rfidpro-options.ts";
import { mainFileOf } from "./services.ts";

const askTimeoutMs = 5_000;

/** What the service knows of its archive, as JSON; undefined where it cannot be asked, which is no reason not to look at the files. */
const askKnown = async ({ access }: VerifyOptions, signal: AbortSignal): Promise<string | undefined> => {
  try {
    const { url, readKey } = accessOf(access, rfidproUsage, signal);
    const answer = await fetch(`${url}/api/v1/rfidpro/archive`, {
      headers: { authorization: `Bearer ${await readKey()}` },
      signal: AbortSignal.any([signal, AbortSignal.timeout(askTimeoutMs)]),
    });
    return answer.status === 200 ? await answer.text() : undefined;
  } catch (error) {
    if (signal.aborted) throw error;
    return undefined;
  }
};

/** Verifies an archive against what the Tagwire that runs remembers of it, and gives the code to end with. */
export const verifyRfidproArchive = async (options: VerifyOptions, signal: AbortSignal): Promise<number> => {
  const { dir, json, root } = options;
  const folder = await mkdtemp(join(tmpdir(), "tagwire-known-"));
  try {
    const known = await askKnown(options, signal);
    const file = join(folder, "known.json");
    if (known !== undefined) await writeFile(file, known, { mode: 0o600 });
    else if (!json)
      process.stderr.write(
        "! The Tagwire that wrote it was not asked what it knows of it: say --data where it keeps its data, or --url with --key-file.\n",
      );
    const words = [
      ...["verify-archive", dir ?? "--bucket"],
      ...(json ? ["--json"] : []),
      ...(known === undefined ? [] : ["--known", file]),
    ];
    const child = spawn(process.execPath, [mainFileOf(root, "rfidpro-backup"), ...words], {
      stdio: "inherit",
      signal,
    });
    const [code] = (await once(child, "exit")) as [number | null];
    return code ?? 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
