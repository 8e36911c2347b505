import type { Random } from "../random.ts";
import { drawUploadDelay } from "../upload-delay.ts";
import type { Quirks } from "./quirks.ts";
import { someOf } from "./quotas.ts";
import { type RfidproRow, type RfidproUpload, realCounts } from "./rows.ts";
import { makeSessions, type ScannedSession, type ScanWord } from "./sessions.ts";
import { localText, utcText } from "./times.ts";
import { flagFields } from "./words.ts";

/*
 * Transactions, with what was wrong with the real ones in its real number.
 */

const duplicatedKeys = 524;
const duplicatedWholly = 163;
const duplicates = 705;
const futureRows = 1_449;
const withoutStatus = 18;
/** Of the dates that are none nobody has counted how many there are; there are two at least. */
const brokenDates = 12;
const brokenDatesMin = 2;
const decimalShare = 0.01;
/** How long a device that is in reach takes, in ms. */
const promptMs = 20_000;
/** RFIDpro takes in 57 to 60 rows a second. */
const rowsPerSecond = 58;
const inPartsShare = 0.02;
const partGapMs = 20 * 60_000;
const clockErrorMs = 3_600_000;
/** Nobody looked at the condition in 9,759 of 26,574. */
const lookedAtShare = 1 - 9_759 / 26_574;
const wornShare = 0.03;

/** What a scan of this type made of the status. */
const statusAfter = (random: Random, type: ScanWord): string => {
  if (type === "Rental") return "On Rent";
  if (type === "Delivery") return "Delivered";
  if (type !== "Touch Scan") return "Ready to Rent";
  return random.weighted<string>([
    ["Ready to Rent", 15_157],
    ["Needs to be Inspected", 1_384],
    ["Delivered", 54],
    ["Repair", 29],
    ["Wet", 18],
    ["On Rent", 9],
    ["Staged", 3],
    ["Wash", 1],
  ]);
};

const spellings = [
  ["true", "false"],
  ["True", "False"],
  ["TRUE", "FALSE"],
] as const;

/** Flags are text, of one case or another. Where nobody looked they are blank, or not there. */
const drawFlags = (random: Random, { flagSpellings, missingFlags }: Quirks): RfidproRow => {
  const isLookedAt = random.chance(lookedAtShare);
  const [yes, no] = flagSpellings ? random.pick(spellings) : spellings[0];
  const drawn = flagFields.map((flag) => [flag, random.chance(wornShare) ? yes : no] as const);
  const isLeftOut = random.chance(0.5);
  if (isLookedAt || !missingFlags) return Object.fromEntries(drawn);
  return isLeftOut ? {} : Object.fromEntries(flagFields.map((flag) => [flag, ""]));
};

type Scanned = { readonly arrivesAtMs: number; readonly row: RfidproRow };

type Making = { readonly timeZone: string; readonly quirks: Quirks };

const rowsOf = (random: Random, session: ScannedSession, { timeZone, quirks }: Making): Scanned[] => {
  const { type, atMs, by, contract, tags } = session;
  const drawnMs = drawUploadDelay(random);
  const beginsMs = atMs + (quirks.lateUploads ? drawnMs : promptMs);
  const isInParts = quirks.lateUploads && tags.length > 1 && random.chance(inPartsShare);
  return tags.map(({ tag, item }, index) => {
    const partMs = isInParts && index >= tags.length / 2 ? partGapMs : 0;
    const arrivesAtMs = beginsMs + partMs + (index / rowsPerSecond) * 1_000;
    const created = utcText(arrivesAtMs);
    const isDecimal = quirks.decimalClasses && item !== undefined && random.chance(decimalShare);
    const row = {
      uuid_accounts_fk: "acc00000-0000-4000-8000-000000000001",
      scan_type: type,
      contract_number: contract,
      client_name: "",
      notes: "",
      tag_id: tag,
      rental_class_id: `${item?.rental_class_num ?? ""}${isDecimal ? ".0" : ""}`,
      common_name: item?.common_name ?? "",
      serial_number: item?.serial_number ?? "",
      location_of_repair: "",
      quality: item?.quality ?? "",
      bin_location: item?.bin_location ?? (quirks.junkBins ? "null" : ""),
      status: statusAfter(random, type),
      scan_date: localText(atMs, timeZone),
      scan_by: by,
      ...drawFlags(random, quirks),
      other: "",
      long: "",
      lat: "",
      date_created: created,
      date_updated: created,
    };
    return { arrivesAtMs, row };
  });
};

/** The same row once more: word for word, or uploaded again some minutes later. Four of one at most. */
const repeat = (random: Random, all: readonly Scanned[], share: number): Scanned[] => {
  const keys = [...someOf(random, all.length, Math.round(duplicatedKeys * share))];
  const whole = Math.round(duplicatedWholly * share);
  const count = Math.round(duplicates * share);
  return Array.from({ length: keys.length === 0 ? 0 : count }, (_, index) => {
    const at = index % keys.length;
    const first = all[keys[at] ?? 0] as Scanned;
    if (at < whole) return first;
    const arrivesAtMs = first.arrivesAtMs + random.whole(60, 3_600) * 1_000;
    const created = utcText(arrivesAtMs);
    return { arrivesAtMs, row: { ...first.row, date_created: created, date_updated: created } };
  });
};

/** A device whose clock is an hour ahead, for whole sessions, until so many rows have it. */
const aheadOfTime = (sessions: readonly ScannedSession[], share: number): ScannedSession[] => {
  let left = Math.round(futureRows * share);
  return sessions.map((session) => {
    if (session.tags.length > Math.min(left, 60)) return session;
    left -= session.tags.length;
    return { ...session, atMs: session.atMs + clockErrorMs };
  });
};

/** Rows with a status that is none, and rows with a date that is none. */
const spoil = (
  random: Random,
  all: readonly Scanned[],
  { share, quirks }: { share: number; quirks: Quirks },
) => {
  const statuses = someOf(random, all.length, quirks.junkStatuses ? Math.round(withoutStatus * share) : 0);
  const broken = quirks.brokenDates ? Math.max(brokenDatesMin, Math.round(brokenDates * share)) : 0;
  const dates = [...someOf(random, all.length, broken)];
  const dateOf = new Map(dates.map((row, index) => [row, index % 2 === 0 ? "tag" : "hex"]));
  return all.map((one, index): Scanned => {
    const tag = String(one.row.tag_id);
    const status = statuses.has(index) ? { status: index % 2 === 0 ? "" : tag.trim() } : {};
    const kind = dateOf.get(index);
    const date = kind === undefined ? {} : { scan_date: kind === "tag" ? tag : "E2801170000002A5" };
    return { ...one, row: { ...one.row, ...status, ...date } };
  });
};

export type HistoryOptions = Making & { readonly rows: number; readonly endMs: number };

/** So many rows of eight and a half months, in the order of their arrival: some arrive days after `endMs`. */
export const makeHistory = (
  random: Random,
  items: readonly RfidproRow[],
  { rows, endMs, timeZone, quirks }: HistoryOptions,
): RfidproUpload[] => {
  const share = rows / realCounts.transactions;
  const again = quirks.duplicates ? Math.round(duplicates * share) : 0;
  const sessions = makeSessions(random, items, { rows: rows - again, endMs, quirks });
  const ahead = quirks.futureScans ? aheadOfTime(sessions, share) : sessions;
  const scanned = sessions.flatMap((session, index) => {
    const shown = localText((ahead[index] ?? session).atMs, timeZone);
    return rowsOf(random, session, { timeZone, quirks }).map(
      (one): Scanned => ({ ...one, row: { ...one.row, scan_date: shown } }),
    );
  });
  const spoilt = spoil(random, scanned, { share, quirks });
  const copies = again === 0 ? [] : repeat(random, spoilt, share);
  return [...spoilt, ...copies].toSorted((a, b) => a.arrivesAtMs - b.arrivesAtMs);
};
