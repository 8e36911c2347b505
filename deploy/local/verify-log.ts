/**
 * `npx tagwire verify-log <site>`: reads the whole log of a site over HTTP, as anybody may, and checks here that each event comes to its
 * own hash and names the one before. Ends with 0 for a whole log, 3 for a broken one.
 */
import { canonicalJson, chainHash, chainStart } from "@tagwire/digest";
import type { LoggedEvent } from "@tagwire/messages";
import { call, faultOf } from "./call.ts";
import { say, siteCommand } from "./site-command.ts";
import { siteUsage } from "./site-options.ts";

const usage = siteUsage("verify-log <site>");
const broken = 3;
const pageEvents = 1_000;

type Page = { readonly epoch: number; readonly events: readonly LoggedEvent[]; readonly next: string };

/** What is wrong with an event that has to follow a position and a hash. */
const wrongWith = (event: LoggedEvent, pos: number, hash: string): string | undefined => {
  if (event.pos !== pos + 1) return `position ${pos + 1} is missing`;
  if (event.prevHash !== hash) return "it does not name the hash of the event before";
  const { hash: told, ...unsealed } = event;
  return chainHash(hash, canonicalJson(unsealed)) === told ? undefined : "it does not come to its own hash";
};

await siteCommand(usage, async (access, { site, json }) => {
  let [after, pos, hash] = ["0:0", 0, chainStart];
  for (;;) {
    const query = `after=${encodeURIComponent(after)}&limit=${pageEvents}`;
    const answer = await call(access, "GET", `/sites/${encodeURIComponent(site)}/events?${query}`);
    if (answer.status !== 200) throw faultOf("events", answer);
    const { events, next } = answer.body as Page;
    for (const event of events) {
      const why = wrongWith(event, pos, hash);
      if (why !== undefined) {
        const at = `${event.epoch}:${event.pos}`;
        say(
          json
            ? JSON.stringify({ site, whole: false, events: pos, at, why })
            : `${site}: broken at ${at}: ${why}`,
        );
        return broken;
      }
      ({ pos, hash } = event);
    }
    if (events.length === 0) break;
    after = next;
  }
  say(
    json
      ? JSON.stringify({ site, whole: true, events: pos, hash })
      : `${site}: ${pos} events, whole; head ${hash}`,
  );
  return 0;
});
