import type {
  ScanType,
  SessionFinding,
  SessionMode,
  SessionRow,
  SessionView,
  StationMode,
} from "@tagwire/messages";
import { countText } from "./time.ts";

export const modeWords: Record<SessionMode, string> = {
  checkout: "Checkout",
  return: "Return",
  count: "Count",
  service: "Service",
  laundry: "Laundry",
};
export const sessionModes = Object.keys(modeWords) as readonly SessionMode[];
export const isSessionMode = (text: string): text is SessionMode => Object.hasOwn(modeWords, text);

/** What the readers of a station do there; only where they scan is a session begun. */
export const isScanningStation = (mode: StationMode): mode is SessionMode & StationMode =>
  isSessionMode(mode);

/** What a session of each mode is scanned with. Laundry is scanned both ways, so it is for the hand to say. */
export const scanTypeOf: Partial<Record<SessionMode, ScanType>> = {
  checkout: "rental",
  return: "return",
  count: "count",
  service: "service",
};

export const findingWords: Record<SessionFinding, string> = {
  missing: "Missing",
  unexpected: "Unexpected",
  found: "Found",
  unknown: "Unknown tags",
  rejected: "Refused",
  scanned: "All that was scanned",
};
export const sessionFindings = Object.keys(findingWords) as readonly SessionFinding[];

/**
 * What stands where no tag is listed. What was ordered by class is missing as a number alone, and "None." beside that number
 * would deny it.
 */
export const noTagsText = ({ missing }: Pick<SessionRow, "missing">, finding: SessionFinding): string =>
  finding === "missing" && missing > 0
    ? `${countText(missing)} of what was ordered by class: any of it will do, so no tag is named.`
    : "None.";

type Named = Pick<SessionView, "mode" | "contract" | "place" | "class" | "station">;

/** What a session is of: its contract, else where or of what it counts. */
export const sessionOf = ({ contract, place, class: name }: Named): string | undefined =>
  contract ?? place ?? name ?? undefined;

/** People, and devices, that are named of a session; what more there are is counted. */
const workersShown = 2;

const named = (names: readonly string[]): string => {
  const more = names.length - workersShown;
  return [...names.slice(0, workersShown), ...(more > 0 ? [`${more} more`] : [])].join(", ");
};

/** Who is at work in a session, and with what: `Ana, Ben · tablet-3`. Undefined while nobody and nothing is known. */
export const workersText = ({
  people,
  devices,
}: Pick<SessionView, "people" | "devices">): string | undefined => {
  const parts = [people, devices].filter(({ length }) => length > 0).map(named);
  return parts.length === 0 ? undefined : parts.join(" · ");
};

/** Whether all that was scanned in a closed session has arrived, and of whom it is not known. */
export const arrivalText = ({
  complete,
  waitingFor,
  parts,
}: Pick<SessionView, "complete" | "waitingFor" | "parts">): string => {
  if (complete === true)
    return "Every device that is known to have taken part has declared what it scanned, and all of it has arrived.";
  if (complete === false)
    return waitingFor.length === 0
      ? "Not all that was scanned has arrived."
      : `Not complete: waiting for ${waitingFor.join(", ")}.`;
  const readers = (parts ?? []).flatMap(({ device, state }) => (state === "reader" ? device : []));
  const hasDeclared = (parts ?? []).some(({ declared, joined }) => declared !== null || joined);
  if (readers.length > 0 && hasDeclared)
    return `What devices declared has arrived. Readers declare nothing: ${readers.join(", ")}.`;
  return "Nothing was declared, so nobody can tell whether all that was scanned has arrived.";
};

/** A session in one line: `Checkout · 482913 · readers of dock-gate`. */
export const sessionText = (session: Named): string => {
  const of = sessionOf(session);
  return [
    session.mode === null ? "Not begun yet" : modeWords[session.mode],
    ...(of === undefined ? [] : [of]),
    ...(session.station === undefined ? [] : [`readers of ${session.station}`]),
  ].join(" · ");
};
