import { tagSetDigest } from "@tagwire/digest";
import {
  type By,
  type CountingDevice,
  Fault,
  ItemUndone,
  ledgerNameOf,
  otherParts,
  partsMax,
  ScanQuarantined,
  ScanRefused,
  type Session,
  SessionHeard,
  type SessionHeard as SessionHeardBody,
  type SessionPart,
  type TagSet,
} from "@tagwire/messages";
import type { Said } from "./decision.ts";

/*
 * Who took part in a session, and whether what each of them scanned has arrived. The log says which device scanned which tag; what a
 * device declares is compared with that, and with nothing of the others.
 */

/** A device or a reader; the two may have one name. */
export type Holder = { readonly kind: "device" | "reader"; readonly device: string };

/** Tags by the holder who scanned them, by {@link keyOf}. */
export type HeardBy = ReadonlyMap<string, ReadonlySet<string>>;

export const keyOf = ({ kind, device }: Holder): string => `${kind} ${device}`;
const holderOfKey = (key: string): Holder => {
  const at = key.indexOf(" ");
  return { kind: key.slice(0, at) === "reader" ? "reader" : "device", device: key.slice(at + 1) };
};

/** The name under which scans are counted: of the device that its request names, else of the key, else of the person. Undefined of a reader. */
export const deviceOf = (
  { device, person, reader }: By,
  countedBy: string | undefined,
): string | undefined => (reader === undefined ? (countedBy ?? device ?? person) : undefined);

export const namedDeviceOf = (by: By, device: CountingDevice | undefined): string =>
  deviceOf(by, device === undefined ? undefined : ledgerNameOf(device)) ?? by.reader ?? "";

/** What says that a device scanned some tags in a session. */
export type Heard = { readonly session: string; readonly holder: string; readonly tags: readonly string[] };

const strayTypes: ReadonlySet<string> = new Set([ScanQuarantined.type, ScanRefused.type]);

/** Which tags an event says were scanned in its session, and by whom; undefined when it says nothing of it. */
export const heardOf = ({
  type,
  session,
  tag,
  by,
  data,
}: Pick<Said, "type" | "session" | "tag" | "by" | "data">): Heard | undefined => {
  if (session === undefined) return undefined;
  if (type === SessionHeard.type) {
    const { device, tags } = data as SessionHeardBody;
    return { session, holder: keyOf({ kind: "device", device }), tags };
  }
  const { scan, countedBy } = data as { readonly scan?: unknown; readonly countedBy?: string };
  const isScan = strayTypes.has(type) || (type !== ItemUndone.type && scan !== undefined);
  if (tag === undefined || !isScan) return undefined;
  const device = deviceOf(by, countedBy);
  const holder =
    device === undefined
      ? { kind: "reader" as const, device: by.reader ?? "" }
      : { kind: "device" as const, device };
  return { session, holder: keyOf(holder), tags: [tag] };
};

/** Puts what was heard into a list that grows in place. */
export const addHeard = (all: Map<string, Set<string>>, { holder, tags }: Omit<Heard, "session">): void => {
  const own = all.get(holder) ?? new Set<string>();
  for (const tag of tags) own.add(tag);
  all.set(holder, own);
};

export type Declared = NonNullable<SessionPart["declared"]>;

/** What one of them says: that it takes part, or what it scanned. */
export type PartChange = {
  readonly device: string;
  readonly joined?: true;
  readonly declared?: Declared | null;
};

const setOf = (tags: ReadonlySet<string> | undefined): TagSet => {
  const all = [...(tags ?? [])];
  return { count: all.length, digest: tagSetDigest(all) };
};

const partOf = (
  { kind, device }: Holder,
  arrived: TagSet,
  { joined, declared }: Pick<SessionPart, "joined" | "declared">,
): SessionPart => {
  const isHere = declared?.count === arrived.count && declared.digest === arrived.digest;
  const said = declared === null ? "silent" : isHere ? "complete" : "waiting";
  return { device, joined, declared, arrived, state: kind === "reader" ? "reader" : said };
};

const hasSpoken = ({ joined, declared }: Pick<SessionPart, "joined" | "declared">): boolean =>
  joined || declared !== null;

/** Whether two parts are of one holder is told by their keys; what stands for many is of nobody. */
const knownByKey = (parts: readonly SessionPart[]): Map<string, SessionPart> =>
  new Map(
    parts
      .filter(({ holders }) => holders === undefined)
      .map((part) => [
        keyOf({ kind: part.state === "reader" ? "reader" : "device", device: part.device }),
        part,
      ]),
  );

/** What further holders come to; those who declare are waited for, so a device among them is. */
const foldedPart = (keys: readonly string[], heard: HeardBy): SessionPart => {
  const tags = new Set<string>();
  for (const key of keys) for (const tag of heard.get(key) ?? []) tags.add(tag);
  const isOfReaders = keys.every((key) => holderOfKey(key).kind === "reader");
  return {
    ...{ device: otherParts, joined: false, declared: null, arrived: setOf(tags) },
    ...{ state: isOfReaders ? "reader" : "silent", holders: keys.length },
  };
};

/**
 * Everybody who joined, scanned or declared, in the order of their names, with what has arrived of each. `changes` are what some of them
 * say just now. Of more than `partsMax`, those who joined or declared are told first, then those who were told before; the others are
 * folded into one part.
 */
export const partsOf = (
  before: readonly SessionPart[],
  heard: HeardBy,
  changes: readonly PartChange[] = [],
): SessionPart[] => {
  const known = knownByKey(before);
  const changed = new Map(
    changes.map((change) => [keyOf({ kind: "device", device: change.device }), change]),
  );
  const saidBy = (key: string): Pick<SessionPart, "joined" | "declared"> => {
    const { joined = known.get(key)?.joined ?? false, declared = known.get(key)?.declared ?? null } =
      changed.get(key) ?? {};
    // Null is a word, too: what was declared is taken back.
    return { joined, declared: changed.get(key)?.declared === null ? null : declared };
  };
  const rankOf = (key: string): number => (hasSpoken(saidBy(key)) ? 0 : known.has(key) ? 1 : 2);
  const keys = [...new Set([...known.keys(), ...heard.keys(), ...changed.keys()])].sort();
  const told =
    keys.length > partsMax
      ? keys
          .toSorted((left, right) => rankOf(left) - rankOf(right))
          .slice(0, partsMax)
          .sort()
      : keys;
  const parts = told.map((key) => partOf(holderOfKey(key), setOf(heard.get(key)), saidBy(key)));
  if (told.length === keys.length) return parts;
  const own = new Set(told);
  return [
    ...parts,
    foldedPart(
      keys.filter((key) => !own.has(key)),
      heard,
    ),
  ];
};

/** @throws Fault `session_full` when a device says something in a session where as many as may have done so. */
export const refuseFurther = (parts: readonly SessionPart[], device: string): void => {
  const speaking = parts.filter((part) => part.state !== "reader" && hasSpoken(part));
  if (speaking.length >= partsMax && !speaking.some((part) => part.device === device))
    throw new Fault("session_full", `${partsMax} devices take part`);
};

/**
 * Whether everything has arrived: false while a device is waited for, null where nobody has said anything, and where a reader took part,
 * which declares nothing.
 */
export const isWhole = (parts: readonly SessionPart[]): boolean | null => {
  if (!parts.some(hasSpoken)) return null;
  if (parts.some(({ state }) => state === "waiting" || state === "silent")) return false;
  return parts.some(({ state }) => state === "reader") ? null : true;
};

/** Whether a device has declared just this before. */
export const hasDeclared = ({ parts = [] }: Session, device: string, declared: Declared): boolean => {
  const before = parts.find(
    (part) => part.state !== "reader" && part.holders === undefined && part.device === device,
  )?.declared;
  return (
    before?.count === declared.count &&
    before.digest === declared.digest &&
    before.lastSeq === declared.lastSeq
  );
};
