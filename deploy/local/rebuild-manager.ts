import { ask, type Bus } from "@tagwire/bus";
import {
  AskDashboard,
  AskHeads,
  AskReplay,
  AskSites,
  Fault,
  type Position,
  positionText,
} from "@tagwire/messages";
import { eventuallyBy } from "./eventually-by.ts";

/** A log of ten million events takes a quarter of an hour to be read again on a small machine. */
const rebuildMsMax = 3_600_000;

type Rebuilt = { readonly site: string; readonly position: string };
type Options = {
  readonly site: string | undefined;
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
};

const sitesOf = async (bus: Bus, wanted: string | undefined): Promise<string[]> => {
  const { sites } = await ask(bus, AskSites, {});
  const all = sites.map(({ id }) => id).filter((id) => wanted === undefined || id === wanted);
  if (wanted !== undefined && all.length === 0) throw new Fault("not_found", `there is no site ${wanted}`);
  return all;
};

const headOf = async (bus: Bus, site: string): Promise<Position> => {
  const { heads } = await ask(bus, AskHeads, { site });
  if (heads === null) throw new Fault("not_found", `there is no site ${site}`);
  return heads;
};

/** How far the rows of a site have come; undefined while they are not whole. */
const shownOf = async (bus: Bus, site: string): Promise<Position | undefined> =>
  (await ask(bus, AskDashboard, { site })).dashboard ?? undefined;

/**
 * Has the manager make its rows anew from the log, of one site or of every one, and waits until all that the log held then is in them.
 *
 * @throws Fault `not_found` for a site that there is not, `unavailable` when nobody answers or it is not done within an hour
 */
export const rebuildManager = async (
  bus: Bus,
  { site, tell, signal }: Options,
): Promise<{ rebuilt: Rebuilt[] }> => {
  const sites = await sitesOf(bus, site);
  const begun: { readonly site: string; readonly head: Position }[] = [];
  for (const one of sites) {
    const head = await headOf(bus, one);
    const answer = await ask(bus, AskReplay, { site: one });
    tell(`${one}: ${answer.begun ? "begun anew" : "there are no rows yet; made now"}, ${head.pos} events`);
    begun.push({ site: one, head });
  }
  const rebuilt: Rebuilt[] = [];
  for (const { site: one, head } of begun) {
    const shown = await eventuallyBy(
      { what: `${one} is whole again`, msMax: rebuildMsMax, signal },
      async () => {
        const at = await shownOf(bus, one);
        return at !== undefined && at.epoch === head.epoch && at.pos >= head.pos ? at : undefined;
      },
    );
    tell(`${one}: whole again at ${positionText(shown)}`);
    rebuilt.push({ site: one, position: positionText(shown) });
  }
  return { rebuilt };
};
