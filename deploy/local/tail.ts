/**
 * `npx tagwire tail <site>`: what happens at a site, a line an event, as it is recorded, until Ctrl-C. The feed is dense: whoever goes on
 * after the position of the last line misses nothing.
 */
import { type By, type LoggedEvent, parsePosition, type Site } from "@tagwire/messages";
import { call, faultOf } from "./call.ts";
import { UsageError } from "./options.ts";
import { say, siteCommand } from "./tool-command.ts";
import { toolUsage } from "./tool-options.ts";

const usage = toolUsage("tail <site>", [
  "  --after POS      go on after this position, such as 1:834; 0:0 is the beginning (default: from now on)",
]);
const pageEvents = 500;
/** A question is held open so long, in seconds; then it is asked again. */
const waitSeconds = 25;
const answerTimeoutMs = 40_000;
const clockFrom = "2026-01-01T".length;
/** A scan that was recorded within this time is not called late. */
const promptMs = 5_000;

type Page = { readonly events: readonly LoggedEvent[]; readonly next: string };

const whoText = ({ person, device, reader, rule }: By): string =>
  [person, device, reader, rule && `rule ${rule}`].filter((one) => one !== undefined).join(" at ");

const lateText = ({ scannedAt, recordedAt }: LoggedEvent): string | undefined => {
  if (scannedAt === undefined) return undefined;
  const lateMs = Date.parse(recordedAt) - Date.parse(scannedAt);
  return lateMs < promptMs ? undefined : `scanned ${Math.round(lateMs / 1_000)} s before`;
};

const lineOf = (event: LoggedEvent): string => {
  const { epoch, pos, type, tag, contract, session, recordedAt, by, traceId } = event;
  const words = [
    ...[recordedAt.slice(clockFrom), `${epoch}:${pos}`, type, tag],
    ...[contract && `contract ${contract}`, session && `session ${session}`],
    ...[`by ${whoText(by)}`, lateText(event), `trace ${traceId}`],
  ];
  return words.filter((word) => word !== undefined).join("  ");
};

await siteCommand(
  usage,
  async (access, { site, json, said }) => {
    if (said.after !== undefined && parsePosition(said.after) === undefined)
      throw new UsageError(`--after is a position such as 1:834.\n\n${usage}`);
    const path = `/sites/${encodeURIComponent(site)}`;
    const known = await call(access, "GET", path);
    if (known.status !== 200) throw faultOf("site", known);
    const { epoch, pos } = known.body as Site;
    for (let after = said.after ?? `${epoch}:${pos}`; ; ) {
      const query = `after=${encodeURIComponent(after)}&limit=${pageEvents}&wait=${waitSeconds}`;
      const answer = await call(access, "GET", `${path}/events?${query}`, undefined, answerTimeoutMs);
      if (answer.status !== 200) throw faultOf("events", answer);
      const { events, next } = answer.body as Page;
      for (const event of events) say(json ? JSON.stringify(event) : lineOf(event));
      after = next;
    }
  },
  ["after"],
);
