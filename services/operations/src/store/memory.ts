import { getHeapStatistics } from "node:v8";
import { contractKeysOf, type Item, type Scan } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import {
  type Act,
  contractsOf,
  needsGround,
  receiptIdsOf,
  releasedBy,
  sessionOf,
  stationOf,
  tagsOf,
} from "../actors/act.ts";
import { timingOf } from "../actors/heard-scan.ts";
import type { Ground, KeptReceipt, Known, KnownContract, KnownSession } from "../actors/known.ts";
import type { TurnOutcome } from "../actors/site.ts";
import {
  goingOnAt,
  type StationSession,
  stationSessionOf,
  withStationSessions,
} from "../actors/station-session.ts";
import { noStray, type Stray, type WaitingScan } from "../actors/stray.ts";
import { findClasses } from "./classes.ts";
import { findContracts, findOwed } from "./contracts.ts";
import { findAnswered, findGround } from "./grounds.ts";
import { findItems } from "./items.ts";
import { findStrays, findWaiting } from "./quarantine.ts";
import { findReceipts } from "./receipts.ts";
import { createRecent, type Recent } from "./recent.ts";
import { findSessions } from "./sessions.ts";
import { findStationSessions } from "./station-sessions.ts";
import { findCarriers, newNamesOf } from "./thing-names.ts";

/** The part of the heap that may remember: the rest is for turns, queues and what is being sent. */
const heapShare = 0.25;
/** What an item weighs in memory with its tag and its place in the map, measured, and what makes it heavier than most. */
const itemBytes = 700;
const strayBytes = 250;
const witnessBytes = 200;
const bytesPerCharacter = 2;
/** A contract or session, and what is on it or in it. */
const wholeBytes = 2_000;
const partBytes = 350;
/** What a station weighs with one session there. */
const stationBytes = 250;
/** How the memory is shared out. */
const shares = { tags: 0.6, contracts: 0.2, sessions: 0.18, stations: 0.02 } as const;
/** Scans that one turn takes out of quarantine: with more, its commit would come near the time limit. */
const releasedPerTurnMax = 5_000;

/** A tag: the item that carries it, or what waits for one to do so. */
type Remembered = { readonly item: Item } | { readonly stray: Stray };

const textLengthOf = ({ notes, lastService }: Item): number =>
  (notes?.length ?? 0) + (lastService?.done.reduce((sum, one) => sum + one.length, 0) ?? 0);

const bytesOf = (remembered: Remembered): number =>
  "item" in remembered
    ? itemBytes + textLengthOf(remembered.item) * bytesPerCharacter
    : strayBytes + remembered.stray.witnesses.size * witnessBytes;

/**
 * A contract with what is on it, or a session with its tags; undefined when there is none of that name. Its parts grow in place, so
 * what it weighed is kept beside it.
 */
type Whole<T> = { readonly known: T | undefined; readonly bytes: number };

const weighed = <T>(known: T | undefined, parts: number): Whole<T> => ({
  known,
  bytes: wholeBytes + parts * partBytes,
});
const wholeContract = (known: KnownContract | undefined) => weighed(known, known?.members.size ?? 0);
const wholeSession = (known: KnownSession | undefined) => weighed(known, known?.tags.size ?? 0);

export type Recalled = {
  readonly known: Known;
  /** How many of the acts, from the first, it is enough for: at least one. The others are for another turn. */
  readonly acts: number;
};

export type RecallOptions = {
  /** `known-ids` looks for the receipts of the acts' ids; `new-ids` takes them for new, which the commit then has to prove. */
  readonly ids: "known-ids" | "new-ids";
  readonly epoch: number;
};

export type Memory = {
  /**
   * Everything the acts ask about: from memory where the owner has it, from the store where not. Tags are read in one round trip,
   * then what stands on their contracts, and the scans that wait for a tag to be commissioned.
   */
  readonly recall: (site: string, acts: readonly Act[], options: RecallOptions) => Promise<Recalled>;
  /** What a committed turn left. */
  readonly learn: (site: string, outcome: TurnOutcome) => void;
  /** Forgets a site: somebody else may own it from now on. */
  readonly forget: (site: string) => void;
};

/** How many acts fit into one turn: by the scans that their commissionings release, and by what has to be read for one alone. */
const actsWithin = (acts: readonly Act[], waitingOf: (act: Act) => number): number => {
  let released = 0;
  const tooMany = acts.findIndex((act, index) => {
    released += waitingOf(act);
    return index > 0 && (released > releasedPerTurnMax || needsGround(act));
  });
  return tooMany < 0 ? acts.length : tooMany;
};

const backAgain: ReadonlySet<string> = new Set(["return", "pickup", "rental", "delivery"]);

type Stations = ReadonlyMap<string, readonly StationSession[]>;

/** Sessions that what readers hear may be scans of: what an act before it changes of a session is of one that its turn knows anyway. */
const heardIn = (act: Act, stations: Stations): string[] => {
  const station = act.kind === "scan" ? stationOf(act) : undefined;
  if (act.kind !== "scan" || station === undefined) return [];
  return goingOnAt(stations.get(station) ?? [], timingOf(act).at).map(({ id }) => id);
};

/**
 * Tags of scans that may come too late to change their items, and still settle what contracts are owed: by what is known of the item,
 * or by another act of the same turn that goes before. A clock that runs ahead counts as of its receipt. What a reader hears may be
 * such a scan where sessions are held at its station.
 */
const lateTags = (acts: readonly Act[], items: ReadonlyMap<string, Item>): string[] => {
  const met = new Set<string>();
  return acts.flatMap((act) => {
    const own = tagsOf(act);
    const isAgain = own.some((tag) => met.has(tag));
    for (const tag of own) met.add(tag);
    const [tag] = own;
    const item = tag === undefined ? undefined : items.get(tag);
    if (item === undefined || act.kind !== "scan") return [];
    if (!backAgain.has(act.scan.type) && stationOf(act) === undefined) return [];
    const atMs = Math.min(Date.parse(act.scan.scannedAt), Date.parse(act.origin.receivedAt));
    return isAgain || (item.lastFactAt !== null && atMs < Date.parse(item.lastFactAt)) ? [item.tag] : [];
  });
};

const merged = <T>(
  known: ReadonlyMap<string, T>,
  changed: ReadonlyMap<string, T | null> | undefined,
): Map<string, T> => {
  const all = known as Map<string, T>;
  for (const [key, value] of changed ?? []) {
    if (value === null) all.delete(key);
    else all.set(key, value);
  }
  return all;
};

/** Everything on a contract that is to be merged: its items get another contract. */
const mergedTags = (act: Act, contracts: ReadonlyMap<string, KnownContract>): string[] =>
  act.kind === "contract.merge" ? [...(contracts.get(act.body.number.trim())?.members.keys() ?? [])] : [];

const withMore = <T>(known: Map<string, T>, more: ReadonlyMap<string, T>): Map<string, T> =>
  more.size === 0 ? known : new Map([...known, ...more]);

/**
 * An owner's memory of its tags, contracts and sessions, bounded by a share of the heap. It is right because nobody else writes its
 * sites; whoever loses a site forgets it.
 */
export const createMemory = (
  sql: Sql,
  bytesMax: number = getHeapStatistics().heap_size_limit * heapShare,
): Memory => {
  const tags = createRecent<Remembered>(bytesMax * shares.tags, bytesOf);
  const contracts = createRecent<Whole<KnownContract>>(bytesMax * shares.contracts, ({ bytes }) => bytes);
  const sessions = createRecent<Whole<KnownSession>>(bytesMax * shares.sessions, ({ bytes }) => bytes);

  const stations = createRecent<readonly StationSession[]>(
    bytesMax * shares.stations,
    ({ length }) => (length + 1) * stationBytes,
  );

  const readTags = async (site: string, unknown: readonly string[]): Promise<[string, Remembered][]> => {
    if (unknown.length === 0) return [];
    const [found, strays] = await Promise.all([
      findItems(sql, site, unknown),
      findStrays(sql, site, unknown),
    ]);
    const items = new Map(found.map((item) => [item.tag, item]));
    return unknown.map((tag) => {
      const item = items.get(tag);
      return [tag, item === undefined ? { stray: strays.get(tag) ?? noStray } : { item }];
    });
  };

  /** Wholes by their names: what is remembered, and what the store has of the others, be it nothing. */
  const recallWholes = async <T>(
    recent: Recent<Whole<T>>,
    { site, names }: { readonly site: string; readonly names: Iterable<string> },
    read: (unknown: readonly string[]) => Promise<ReadonlyMap<string, T>>,
    whole: (known: T | undefined) => Whole<T>,
  ): Promise<Map<string, T>> => {
    const found = new Map<string, T>();
    const unknown: string[] = [];
    for (const name of new Set(names)) {
      const remembered = recent.get(site, name);
      if (remembered === undefined) unknown.push(name);
      else if (remembered.known !== undefined) found.set(name, remembered.known);
    }
    if (unknown.length === 0) return found;
    const stored = await read(unknown);
    for (const name of unknown) if (!stored.has(name)) recent.set(site, name, whole(undefined));
    for (const [name, known] of stored) {
      recent.set(site, name, whole(known));
      found.set(name, known);
    }
    return found;
  };

  const recallContracts = async (
    site: string,
    names: Iterable<string>,
  ): Promise<Map<string, KnownContract>> => {
    const read = (unknown: readonly string[]) => findContracts(sql, site, unknown);
    const known = await recallWholes(contracts, { site, names }, read, wholeContract);
    // What was remembered of a merged contract leads to another one, which a turn must know as well.
    const targets = [...known.values()].flatMap(({ contract: { mergedInto } }) => mergedInto ?? []);
    const missing = targets.filter((number) => !known.has(number));
    return missing.length === 0 ? known : new Map([...known, ...(await recallContracts(site, missing))]);
  };

  const groundOf = (
    site: string,
    epoch: number,
    { first, before }: { readonly first: Act; readonly before: KeptReceipt | undefined },
  ): Promise<Ground | undefined> =>
    before === undefined
      ? findGround(sql, site, epoch, first)
      : findAnswered(sql, site, first, before.receipt);

  const recallSessions = (site: string, names: Iterable<string>): Promise<Map<string, KnownSession>> =>
    recallWholes(sessions, { site, names }, (unknown) => findSessions(sql, site, unknown), wholeSession);

  const recallStations = async (site: string, names: Iterable<string>): Promise<Stations> => {
    const found = new Map<string, readonly StationSession[]>();
    const unknown: string[] = [];
    for (const name of new Set(names)) {
      const remembered = stations.get(site, name);
      if (remembered === undefined) unknown.push(name);
      else found.set(name, remembered);
    }
    for (const [name, own] of await findStationSessions(sql, site, unknown)) {
      stations.set(site, name, own);
      found.set(name, own);
    }
    return found;
  };

  const contractNames = (
    acts: readonly Act[],
    items: Iterable<Item>,
    known: Iterable<KnownSession>,
  ): Set<string> => {
    const names = new Set(acts.flatMap(contractsOf));
    for (const { contract } of items) if (contract !== null) names.add(contract);
    for (const { session } of known) if (session.contract !== null) names.add(session.contract);
    return names;
  };

  /** Items by their tags, and what waits for tags that have none. */
  const recallTags = async (site: string, wanted: Iterable<string>) => {
    const items = new Map<string, Item>();
    const strays = new Map<string, Stray>();
    const take = (tag: string, remembered: Remembered) => {
      if ("item" in remembered) items.set(tag, remembered.item);
      else strays.set(tag, remembered.stray);
    };
    const unknown: string[] = [];
    for (const tag of new Set(wanted)) {
      const remembered = tags.get(site, tag);
      if (remembered === undefined) unknown.push(tag);
      else take(tag, remembered);
    }
    for (const [tag, remembered] of await readTags(site, unknown)) {
      tags.set(site, tag, remembered);
      take(tag, remembered);
    }
    return { items, strays };
  };

  return {
    recall: async (site, given, { ids, epoch }) => {
      const sessionIds = given.flatMap((act) => sessionOf(act) ?? []);
      const classNames = given.flatMap((act) => (act.kind === "class.define" ? [act.body.class.trim()] : []));
      // All are on their way before any is awaited: one round trip.
      const [{ items, strays }, receipts, namedSessions, namedStations, classes] = await Promise.all([
        recallTags(site, given.flatMap(tagsOf)),
        ids === "new-ids"
          ? new Map<string, KeptReceipt>()
          : findReceipts(sql, site, [...new Set(given.flatMap(receiptIdsOf))]),
        recallSessions(site, sessionIds),
        recallStations(
          site,
          given.flatMap((act) => stationOf(act) ?? []),
        ),
        findClasses(sql, site, classNames),
      ]);
      const knownSessions = withMore(
        namedSessions,
        await recallSessions(
          site,
          given.flatMap((act) => heardIn(act, namedStations)),
        ),
      );
      const waitingFor = (act: Act): number => strays.get(releasedBy(act) ?? "")?.waiting ?? 0;
      const enough = actsWithin(given, waitingFor);
      const acts = given.slice(0, enough);
      const awaited = [
        ...new Set(acts.flatMap((act) => (waitingFor(act) > 0 ? (releasedBy(act) ?? []) : []))),
      ];
      const [first] = acts;
      const [waiting, ground, owed, knownContracts, carriers] = await Promise.all([
        awaited.length === 0 ? new Map<string, readonly WaitingScan[]>() : findWaiting(sql, site, awaited),
        first === undefined ? undefined : groundOf(site, epoch, { first, before: receipts.get(first.id) }),
        findOwed(sql, site, lateTags(acts, items)),
        recallContracts(site, contractNames(acts, items.values(), knownSessions.values())),
        findCarriers(sql, site, newNamesOf(acts, items)),
      ]);
      // What an act looks back on, merges, settles or releases names things that nobody has asked about otherwise.
      const history = ground?.history ?? [];
      const released: Scan[] = [...waiting.values()].flat().map(({ heard }) => heard.scan);
      const [further, furtherSessions] = await Promise.all([
        recallTags(site, [
          ...history.flatMap(({ tag }) => tag ?? []),
          ...acts.flatMap((act) => mergedTags(act, knownContracts)),
        ]),
        recallSessions(site, [
          ...released.flatMap(({ session }) => session ?? []),
          ...history.flatMap(({ pos, session }) => (ground?.targets?.has(pos) ? (session ?? []) : [])),
        ]),
      ]);
      // The close of a session is taken back only where no other is open at its station.
      const furtherStations = await recallStations(
        site,
        [...furtherSessions.values()].flatMap(({ session: { station } }) => station ?? []),
      );
      const furtherContracts = await recallContracts(site, [
        ...contractNames([], further.items.values(), furtherSessions.values()),
        ...history.flatMap((event) => [event.contract ?? [], contractKeysOf(event).contracts].flat()),
        ...[...owed.values()].flat().map(({ contract }) => contract),
        ...released.flatMap(({ contract }) => contract?.trim() ?? []),
      ]);
      const known: Known = {
        items: withMore(items, further.items),
        receipts,
        strays,
        waiting,
        contracts: withMore(knownContracts, furtherContracts),
        owed,
        sessions: withMore(knownSessions, furtherSessions),
        stations: new Map([...namedStations, ...furtherStations]),
        classes,
        grounds: new Map(first === undefined || ground === undefined ? [] : [[first.id, ground]]),
        carriers,
      };
      return { known, acts: enough };
    },
    learn: (site, outcome) => {
      for (const [tag, item] of outcome.items) tags.set(site, tag, { item });
      for (const [tag, stray] of outcome.strays) tags.set(site, tag, { stray });
      // What went out of memory meanwhile is not put back in parts: whoever asks next reads it whole.
      for (const [number, contract] of outcome.contracts) {
        const before = contracts.get(site, number);
        if (before === undefined) continue;
        const members = merged(before.known?.members ?? new Map(), outcome.members.get(number));
        contracts.set(site, number, wholeContract({ contract, members }));
      }
      for (const id of new Set([...outcome.sessions.keys(), ...outcome.duplicates.keys()])) {
        const remembered = sessions.get(site, id);
        const before = remembered?.known;
        const session = outcome.sessions.get(id) ?? before?.session;
        if (remembered === undefined || session === undefined) continue;
        const duplicates = (before?.duplicates ?? 0) + (outcome.duplicates.get(id) ?? 0);
        const own = merged(before?.tags ?? new Map(), outcome.sessionTags.get(id));
        sessions.set(site, id, wholeSession({ session, duplicates, tags: own }));
      }
      for (const session of outcome.sessions.values()) {
        const changed = stationSessionOf(session);
        const own = changed === undefined ? undefined : stations.get(site, changed.station);
        if (changed === undefined || own === undefined) continue;
        stations.set(site, changed.station, withStationSessions(own, [changed]));
      }
    },
    forget: (site) => {
      for (const recent of [tags, contracts, sessions, stations]) recent.forget(site);
    },
  };
};
