/**
 * `npx tagwire verify-log <site>`: reads the whole log of a site over HTTP, as anybody may, and checks here that each event comes to its
 * own hash and names the one before, and that the log goes as far as its site had come before. Ends with 0 for a whole log, 3 for a broken
 * one.
 */
import { canonicalJson, chainHash, chainStart } from "@tagwire/digest";
import type { LoggedEvent, Site } from "@tagwire/messages";
import { call, faultOf } from "./call.ts";
import { say, siteCommand } from "./tool-command.ts";
import { toolUsage } from "./tool-options.ts";

const usage = toolUsage("verify-log <site>");
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
  const path = `/sites/${encodeURIComponent(site)}`;
  const known = await call(access, "GET", path);
  if (known.status !== 200) throw faultOf("site", known);
  const head = (known.body as Site).pos;
  let [after, pos, hash] = ["0:0", 0, chainStart];
  const tellBroken = (at: string, why: string): number => {
    const told = JSON.stringify({ site, whole: false, events: pos, at, why });
    say(json ? told : `${site}: broken at ${at}: ${why}`);
    return broken;
  };
  for (;;) {
    const query = `after=${encodeURIComponent(after)}&limit=${pageEvents}`;
    const answer = await call(access, "GET", `${path}/events?${query}`);
    if (answer.status !== 200) throw faultOf("events", answer);
    const { events, next } = answer.body as Page;
    for (const event of events) {
      const why = wrongWith(event, pos, hash);
      if (why !== undefined) return tellBroken(`${event.epoch}:${event.pos}`, why);
      ({ pos, hash } = event);
    }
    if (events.length === 0) break;
    after = next;
  }
  // A log that ends early is a chain like any other: only how far its site had come tells.
  if (pos < head) return tellBroken(`${(known.body as Site).epoch}:${pos + 1}`, `the log goes on to ${head}`);
  say(
    json
      ? JSON.stringify({ site, whole: true, events: pos, hash })
      : `${site}: ${pos} events, whole; head ${hash}`,
  );
  return 0;
});
