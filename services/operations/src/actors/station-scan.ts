import type {
  Contract,
  Scan,
  ScanType,
  Session,
  SessionMode,
  SessionTag,
  StationMode,
} from "@tagwire/messages";
import type { Book } from "./book.ts";
import { type Evidence, type HeardScan, timingOf } from "./heard-scan.ts";
import { goingOnAt } from "./station-session.ts";

/** At these a reader scans into the session that is open there. */
const scansInto: ReadonlySet<StationMode> = new Set<StationMode>([
  "checkout",
  "return",
  "count",
  "service",
  "laundry",
]);

/** The station whose session an observation may be a scan of. What a reader only overheard is evidence and no scan. */
export const scanningStation = ({ stray, station }: Partial<Evidence> = {}): string | undefined =>
  stray === undefined && station !== undefined && scansInto.has(station.mode) ? station.id : undefined;

type Meaning = Pick<Scan, "type" | "status">;

/** What is known of the session that a scan falls into, and of when it was made. */
type Circumstance = {
  readonly contract: Contract | undefined;
  readonly hasContract: boolean;
  readonly atMs: number;
};

/**
 * Laundry leaves while its contract is open, and comes back once the cleaner has it. Without a contract it is the house's own: it waits
 * to be washed.
 */
const laundered = ({ contract, hasContract, atMs }: Circumstance): Meaning => {
  if (!hasContract) return { type: "service", status: "wash" };
  const isGoing =
    contract === undefined ||
    contract.state === "open" ||
    (contract.state === "finalized" && atMs < Date.parse(contract.stateAt));
  return { type: isGoing ? "rental" : "pickup" };
};

/**
 * The scan that a person would make in a session of each mode. A reader cannot tell what became of a thing in service, so there it
 * says that the thing is there.
 */
const meanings: Readonly<Record<SessionMode, (circumstance: Circumstance) => Meaning>> = {
  checkout: () => ({ type: "rental" }),
  return: () => ({ type: "return" }),
  count: () => ({ type: "count" }),
  service: () => ({ type: "touch" }),
  laundry: laundered,
};

const meaningIn = (book: Book, { mode, contract: number }: Session, atMs: number): Meaning => {
  if (mode === null) return { type: "touch" };
  const contract = number === null ? undefined : book.contract(number);
  return meanings[mode]({ contract, hasContract: number !== null, atMs });
};

/** Scans that say that a thing is there, and nothing of what becomes of it. */
const ofPresence: ReadonlySet<string> = new Set<ScanType>(["touch", "count"]);

/**
 * Whether it was decided in the session already what becomes of a tag, and otherwise than a reader would have it now: somebody took a
 * scan of it back or scanned it back by hand, or it left on a round of laundry that is at the cleaner's since. A thing that still lies in
 * view of the antenna is no news of any of that, and only a person, or another session, says what becomes of it next.
 */
const isDecided = (before: SessionTag | undefined, { type }: Meaning): boolean =>
  before !== undefined &&
  before.type !== null &&
  !ofPresence.has(before.type) &&
  (before.outcome === null || (before.outcome === "seen" && before.type !== type));

/**
 * An observation as the scan it is: of the session that went on at its station at the instant it counts for, else the sighting it was
 * heard as. Scans that people and devices made are left as they are.
 */
export const asSessionScan = (book: Book, heard: HeardScan, tag: string): HeardScan => {
  const station = scanningStation(heard.evidence);
  if (station === undefined) return heard;
  const { at, atMs } = timingOf(heard);
  const [{ id } = { id: "" }] = goingOnAt(book.sessionsAt(station), at);
  const session = book.session(id);
  if (session === undefined) return heard;
  const meaning = meaningIn(book, session, atMs);
  if (isDecided(book.sessionTag(id, tag), meaning)) return heard;
  return { ...heard, scan: { ...heard.scan, ...meaning, session: id } };
};
