/**
 * `npx tagwire rebuild manager|stream`: makes anew what only follows from the log. `manager`: all that screens show; `stream`: the EVENTS
 * that operations has told of. Nothing is lost by either, and everything else goes on meanwhile.
 */

import { openInside } from "./inside.ts";
import { UsageError } from "./options.ts";
import { rebuildManager } from "./rebuild-manager.ts";
import { rebuildStream } from "./rebuild-stream.ts";
import { say, toolCommand } from "./tool-command.ts";
import { toolUsage } from "./tool-options.ts";

const usage = toolUsage("rebuild manager|stream", [
  "  --site SITE      of the manager, this site alone (default: every site)",
  "                   Goes to the bus itself: that of NATS_URL, else of the Tagwire on the data folder.",
]);
const wordsOf = { count: 1, why: "Say what to make anew: manager or stream." };

await toolCommand(usage, { words: wordsOf, flags: ["site"] }, async (options, signal) => {
  const [what] = options.words;
  const { site } = options.said;
  const tell = (line: string): void => {
    if (!options.json) say(line);
  };
  if (what !== "manager" && what !== "stream") throw new UsageError(`${wordsOf.why}\n\n${usage}`);
  if (what === "stream" && site !== undefined)
    throw new UsageError(`The stream is of all sites; --site goes with the manager.\n\n${usage}`);
  await using bus = await openInside(options, process.env);
  const done =
    what === "manager"
      ? await rebuildManager(bus, { site, tell, signal })
      : await rebuildStream(bus, { tell, signal });
  if (options.json) say(JSON.stringify(done));
  return 0;
});
