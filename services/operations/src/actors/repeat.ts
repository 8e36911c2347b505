import type { Item, ItemChange } from "@tagwire/messages";
import type { Book } from "./book.ts";
import { meantScan } from "./decide-in-session.ts";
import type { Decision } from "./decision.ts";
import type { HeardScan } from "./heard-scan.ts";
import { saysMore } from "./scan.ts";
import { scanningStation } from "./station-scan.ts";

/* Scans that say once more what was said: they are answered, and leave no event. */

/** What a repeat may set: when something was last seen or stated, never what. */
const instants: ReadonlySet<string> = new Set(["lastScan", "lastFactAt", "placeAt", "qualityAt"]);

const movesInstantsAlone = ({ set = {}, moves = [] }: Partial<ItemChange>): boolean =>
  moves.length === 0 && Object.keys(set).every((key) => instants.has(key));

/** Whether a scan only repeats, in its session, what counted there already: it says nothing more and would change nothing. */
export const repeatsInSession = (
  book: Book,
  item: Item,
  heard: HeardScan,
  { outcome, said }: Decision,
): boolean => {
  const { scan } = heard;
  if (scan.session === undefined || outcome === "rejected" || tellsIso(item, heard)) return false;
  const before = book.sessionTag(scan.session, item.tag);
  if (before?.outcome !== "seen" || before.type !== scan.type) return false;
  if (said === undefined) return true;
  // Late, and of a thing that has left for another contract since, the scan is of the one that its session is about.
  return movesInstantsAlone(said.data) && !saysMore(item, meantScan(book, item, scan));
};

/** Whether it is known from a scan alone that the tag is of ISO. */
const tellsIso = ({ lastScan }: Item, { evidence }: HeardScan): boolean =>
  evidence?.isIso === true && lastScan?.isIso !== true;

/**
 * Whether a reader hears again, in the session at its station, what is refused there. A person who scans again has a reason to, and
 * each refusal is in the timeline; a reader never tires, so there only the first one is.
 */
export const isRefusedAgain = (
  book: Book,
  item: Item,
  { scan, evidence }: HeardScan,
  { outcome }: Decision,
): boolean => {
  if (scan.session === undefined || evidence === undefined || outcome !== "rejected") return false;
  const before = book.sessionTag(scan.session, item.tag);
  return before !== undefined && before.outcome !== null && before.type === scan.type;
};

/**
 * How long a thing that lies at a station without a session is told of once, in ms: as often as at any other place. Readers there say it
 * every few seconds, for whoever begins a session next.
 */
export const restingMs = 60_000;

/** Whether a reader only sees once more, at its station, what it saw lying there a moment ago. */
export const isResting = (item: Item, heard: HeardScan, { outcome, said }: Decision): boolean => {
  const { lastScan } = item;
  const { scan, origin, evidence } = heard;
  if (tellsIso(item, heard)) return false;
  if (scan.session !== undefined || scanningStation(evidence) === undefined) return false;
  if (lastScan?.type !== "touch" || lastScan.by.reader !== origin.by.reader) return false;
  if (lastScan.place !== (scan.place ?? null) || outcome !== "accepted" || said?.scannedAt === undefined)
    return false;
  const sinceMs = Date.parse(said.scannedAt) - Date.parse(lastScan.scannedAt);
  return sinceMs >= 0 && sinceMs < restingMs && movesInstantsAlone(said.data);
};
