import { thingNameOf } from "@tagwire/epc";
import {
  ClassDefined,
  type ClassDefined as ClassDefinedBody,
  type Contract,
  type ContractMember,
  foldClass,
  foldContracts,
  foldItem,
  foldSessions,
  type Item,
  ItemCreated,
  type OwnCounts,
  type RentalClass,
  type Session,
  type SessionTag,
} from "@tagwire/messages";
import type { Said } from "./decision.ts";
import { isFree } from "./free-tag.ts";
import type { Known } from "./known.ts";
import { type PastScan, type PastStep, pastOf } from "./past-scans.ts";
import { addHeard, type Heard, type HeardBy, heardOf } from "./session-parts.ts";
import { type StationSession, stationSessionOf, withStationSessions } from "./station-session.ts";

/** Rows of things that have parts, by the thing and the part. */
type Parts<T> = Map<string, Map<string, T>>;

const partOf = <T>(parts: Parts<T>, whole: string, part: string): T | undefined =>
  parts.get(whole)?.get(part);
const putPart = <T>(parts: Parts<T>, whole: string, part: string, value: T) => {
  const own = parts.get(whole) ?? new Map<string, T>();
  parts.set(whole, own.set(part, value));
};

const copyParts = <T>(parts: ReadonlyMap<string, ReadonlyMap<string, T>>): Parts<T> =>
  new Map([...parts].map(([whole, own]) => [whole, new Map(own)]));

/** What a turn leaves changed. A member or tag that is `null` has left its contract. */
export type Changed = {
  readonly items: ReadonlyMap<string, Item>;
  readonly contracts: ReadonlyMap<string, Contract>;
  readonly members: ReadonlyMap<string, ReadonlyMap<string, ContractMember | null>>;
  readonly sessions: ReadonlyMap<string, Session>;
  readonly sessionTags: ReadonlyMap<string, ReadonlyMap<string, SessionTag>>;
  /** Repeats that were counted in this turn, by session. */
  readonly duplicates: ReadonlyMap<string, number>;
  readonly classes: ReadonlyMap<string, RentalClass>;
};

export const nothingChanged: Changed = {
  items: new Map(),
  contracts: new Map(),
  members: new Map(),
  sessions: new Map(),
  sessionTags: new Map(),
  duplicates: new Map(),
  classes: new Map(),
};

/**
 * The site as a turn sees it: what was known when it started under what its own events have changed since. It changes by events
 * alone, folded as every reader of the log folds them.
 */
export type Book = {
  readonly item: (tag: string) => Item | undefined;
  /** Whether nothing carries a tag. One that an undo of this turn frees is free from the next one on, which looks for its name. */
  readonly isFree: (tag: string) => boolean;
  /** The tags of things that have a name of GS1, as they are now; those that this turn knows of. */
  readonly carriers: (name: string) => readonly string[];
  /** Whether a thing of another site has a name of GS1; of those names that this turn may give to things. */
  readonly isHeldElsewhere: (name: string) => boolean;
  /** The contract that a number stands for: of one that was merged, the one it was merged into. */
  readonly contract: (number: string) => Contract | undefined;
  readonly members: (number: string) => ReadonlyMap<string, ContractMember>;
  /** Where an item stands on contracts that it is not out on: those that this turn knows of. */
  readonly standings: (tag: string, numbers: readonly string[]) => readonly ContractMember[];
  /** What sent an item out on contracts and brought it back, in the order of the log: of those that this turn knows it of. */
  readonly past: (tag: string) => readonly PastScan[];
  readonly session: (id: string) => Session | undefined;
  /** The sessions at a station, the open one first. */
  readonly sessionsAt: (station: string) => readonly StationSession[];
  readonly sessionTag: (id: string, tag: string) => SessionTag | undefined;
  /** The tags that were scanned in a session, perhaps among others of it. */
  readonly scannedTags: (id: string) => ReadonlyMap<string, SessionTag>;
  /** Whether a device or reader has scanned a tag in a session. */
  readonly hasHeard: (id: string, holder: string, tag: string) => boolean;
  /** The tags that each device has scanned in a session. */
  readonly heardBy: (id: string) => HeardBy;
  readonly duplicates: (id: string) => number;
  readonly countDuplicate: (id: string) => void;
  readonly rentalClass: (name: string) => RentalClass | undefined;
  readonly fold: (said: Said, pos: number) => void;
  /** The same site to try something on. */
  readonly fork: () => Book;
  /** Somebody keeps what they were told of contracts and sessions: what is folded from now on leaves that as it is. */
  readonly share: () => void;
  readonly changed: Changed;
};

const layered = <T>(
  known: ReadonlyMap<string, T> | undefined,
  changed: ReadonlyMap<string, T | null> | undefined,
) => {
  if (changed === undefined || changed.size === 0) return known ?? new Map<string, T>();
  const all = new Map<string, T>(known ?? []);
  for (const [key, value] of changed) {
    if (value === null) all.delete(key);
    else all.set(key, value);
  }
  return all;
};

/** A merge may follow another; nobody merges in circles, since what was merged takes nothing more. */
const mergesMax = 10;

/** The same of changes of tags: far more than a tag's life allows. */
const retagsMax = 50;

/** New tags by the names that they say. */
type Named = ReadonlyMap<string, readonly string[]>;

const copyHeard = (heard: HeardBy): Map<string, Set<string>> =>
  new Map([...heard].map(([holder, tags]) => [holder, new Set(tags)]));

export const openBook = (
  known: Known,
  from: Changed = nothingChanged,
  alreadyNamed: Named = new Map(),
  alreadyHeard: ReadonlyMap<string, HeardBy> = new Map(),
  alreadyPast: ReadonlyMap<string, readonly PastStep[]> = known.pasts,
): Book => {
  const named = new Map(alreadyNamed);
  const pasts = new Map(alreadyPast);
  const items = new Map(from.items);
  const contracts = new Map(from.contracts);
  const members = copyParts(from.members);
  const sessions = new Map(from.sessions);
  const sessionTags = copyParts(from.sessionTags);
  const duplicates = new Map(from.duplicates);
  const classes = new Map(from.classes);
  const heard = new Map([...alreadyHeard].map(([id, own]) => [id, copyHeard(own)]));
  const changed: Changed = { items, contracts, members, sessions, sessionTags, duplicates, classes };

  let ownCounts: OwnCounts = new WeakSet();
  const share = () => {
    ownCounts = new WeakSet();
  };

  const contractOf = (number: string) => contracts.get(number) ?? known.contracts.get(number)?.contract;
  const memberOf = (number: string, tag: string): ContractMember | undefined => {
    const own = partOf(members, number, tag);
    if (own !== undefined) return own ?? undefined;
    return (
      known.contracts.get(number)?.members.get(tag) ??
      known.owed.get(tag)?.find(({ contract }) => contract === number)
    );
  };
  const sessionOf = (id: string) => sessions.get(id) ?? known.sessions.get(id)?.session;
  const sessionTagOf = (id: string, tag: string) => {
    const own = known.sessions.get(id);
    const row = partOf(sessionTags, id, tag) ?? own?.tags.get(tag);
    if (row === undefined && own?.asked?.has(tag) === false) throw new Error(`${tag} of ${id} is not known`);
    return row;
  };

  const contractBook = {
    contract: contractOf,
    member: memberOf,
    putContract: (contract: Contract) => void contracts.set(contract.number, contract),
    putMember: (member: ContractMember) => putPart(members, member.contract, member.tag, member),
    dropMember: (number: string, tag: string) => putPart(members, number, tag, null),
    get ownCounts() {
      return ownCounts;
    },
  };
  const sessionBook = {
    session: sessionOf,
    tag: sessionTagOf,
    putSession: (session: Session) => void sessions.set(session.id, session),
    putTag: (tag: SessionTag) => putPart(sessionTags, tag.session, tag.tag, tag),
    get ownCounts() {
      return ownCounts;
    },
  };
  const itemOf = (tag: string) => items.get(tag) ?? known.items.get(tag);
  const noteName = (tag: string) => {
    const name = thingNameOf(tag);
    if (name !== null) named.set(name, [...(named.get(name) ?? []), tag]);
  };
  /** The tag that a thing carries by now. */
  const tagNow = (tag: string): string => {
    let now = tag;
    for (let retags = 0; retags < retagsMax; retags += 1) {
      const next = itemOf(now)?.replacedBy;
      if (next == null) break;
      now = next;
    }
    return now;
  };

  const hear = (one: Heard | undefined) => {
    if (one === undefined) return;
    const own = heard.get(one.session) ?? new Map<string, Set<string>>();
    heard.set(one.session, own);
    addHeard(own, one);
  };

  return {
    item: itemOf,
    isFree: (tag) => isFree(itemOf(tag)) && isFree(known.items.get(tag)),
    carriers: (name) => {
      const tags = [...(known.carriers.get(name) ?? []), ...(named.get(name) ?? [])].map(tagNow);
      return [...new Set(tags)].filter((tag) => itemOf(tag)?.replacedBy !== tag);
    },
    isHeldElsewhere: (name) => known.heldElsewhere.has(name),
    contract: (number) => {
      let contract = contractOf(number);
      for (let merges = 0; contract?.mergedInto != null && merges < mergesMax; merges += 1)
        contract = contractOf(contract.mergedInto);
      return contract;
    },
    members: (number) => layered(known.contracts.get(number)?.members, members.get(number)),
    standings: (tag, numbers) => {
      const owed = (known.owed.get(tag) ?? []).map(({ contract }) => contract);
      const moved = [...members].flatMap(([number, own]) => (own.has(tag) ? [number] : []));
      return [...new Set([...numbers, ...owed, ...moved])].flatMap((number) => memberOf(number, tag) ?? []);
    },
    past: (tag) => pastOf(pasts.get(tag) ?? []),
    session: sessionOf,
    sessionsAt: (station) =>
      withStationSessions(
        // One whose beginning was taken back is at no station any more.
        (known.stations.get(station) ?? []).filter(({ id }) => sessions.get(id)?.begunAt !== null),
        [...sessions.values()].flatMap((session) =>
          session.station === station ? (stationSessionOf(session) ?? []) : [],
        ),
      ),
    sessionTag: sessionTagOf,
    scannedTags: (id) => {
      const own = known.sessions.get(id);
      if (own?.hasScanned === false) throw new Error(`what was scanned in ${id} is not known`);
      return layered(own?.tags, sessionTags.get(id));
    },
    hasHeard: (id, holder, tag) =>
      heard.get(id)?.get(holder)?.has(tag) === true || known.heard.get(id)?.get(holder)?.has(tag) === true,
    heardBy: (id) => {
      const all = copyHeard(known.heard.get(id) ?? new Map());
      for (const [holder, tags] of heard.get(id) ?? []) addHeard(all, { holder, tags: [...tags] });
      return all;
    },
    duplicates: (id) => (known.sessions.get(id)?.duplicates ?? 0) + (duplicates.get(id) ?? 0),
    countDuplicate: (id) => void duplicates.set(id, (duplicates.get(id) ?? 0) + 1),
    rentalClass: (name) => classes.get(name) ?? known.classes.get(name),
    fold: (said, pos) => {
      const event = { ...said, pos };
      if (said.type === ClassDefined.type) {
        const body = said.data as ClassDefinedBody;
        classes.set(
          body.class,
          foldClass(classes.get(body.class) ?? known.classes.get(body.class), pos, body),
        );
        return;
      }
      if (said.tag !== undefined && said.type.startsWith("item.")) {
        const before = itemOf(said.tag);
        const after = foldItem(before, event);
        if (after !== undefined && after !== before) items.set(said.tag, after);
        if (said.type === ItemCreated.type) noteName(said.tag);
        pasts.set(said.tag, [...(pasts.get(said.tag) ?? []), event]);
      }
      foldContracts(contractBook, event);
      foldSessions(sessionBook, event);
      hear(heardOf(said));
    },
    fork: () => {
      share();
      return openBook(known, changed, named, heard, pasts);
    },
    share,
    changed,
  };
};
