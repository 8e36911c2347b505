/**
 * `npx tagwire doctor`: looks at everything that has to work, and says of each what it found and what to do. Changes nothing. Ends with 0
 * when nothing has failed, 3 when something has, 1 when no Tagwire runs there.
 */
import { accessOf } from "./access.ts";
import { layOut } from "./data-folder.ts";
import { type Check, type CheckState, failed } from "./doctor-check.ts";
import { lookAtDisk, lookAtNats, lookAtPostgres } from "./doctor-servers.ts";
import { lookAtServices } from "./doctor-services.ts";
import { lookAtSites } from "./doctor-sites.ts";
import { readEndpoints } from "./endpoints.ts";
import { explain } from "./explain.ts";
import { say, toolCommand } from "./tool-command.ts";
import { toolUsage } from "./tool-options.ts";

const unwell = 3;
const usage = toolUsage("doctor");
const marks: Readonly<Record<CheckState, string>> = { ok: "✓", warning: "!", failed: "✗", skipped: "·" };

const lineOf = ({ name, state, says, advice }: Check): string =>
  `${marks[state]} ${name}: ${says}${advice === undefined ? "" : `\n    ${advice}`}`;

await toolCommand(usage, { words: { count: 0, why: "It takes no words." } }, async (options, signal) => {
  // Who is away now is what is looked for.
  const access = { ...accessOf(options, usage, signal), patienceMs: 1_000 };
  const here = options.url === undefined ? readEndpoints(layOut(options.dataDir).endpoints) : undefined;
  const checks: Check[] = [];
  const look = async (all: Promise<Check[]> | Check[]): Promise<void> => {
    for (const check of await all) {
      checks.push(check);
      if (!options.json) say(lineOf(check));
    }
  };
  if (here !== undefined) await look([lookAtDisk(options.dataDir)]);
  await look([await lookAtPostgres(process.env.DATABASE_URL || here?.database)]);
  await look(lookAtNats(options, process.env));
  await look(lookAtServices(here?.services));
  await look(
    lookAtSites(access).catch((error: unknown) => {
      signal.throwIfAborted();
      return [failed("API", explain(error), "Nobody sees or scans anything until it answers.")];
    }),
  );
  const isWell = checks.every(({ state }) => state !== "failed");
  if (options.json) say(JSON.stringify({ ok: isWell, checks }));
  else say(isWell ? "Nothing has failed." : "Something has failed: see the lines with ✗.");
  return isWell ? 0 : unwell;
});
