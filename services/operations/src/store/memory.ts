import { getHeapStatistics } from "node:v8";
import {
  ClassDefined,
  type ClassDefined as ClassDefinedBody,
  contractKeysOf,
  type Item,
  type Session,
} from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import {
  type Act,
  contractsOf,
  readAnewBy,
  receiptIdsOf,
  releasedBy,
  sessionOf,
  stationOf,
  tagOf,
  tagsOf,
} from "../actors/act.ts";
import { isHolding } from "../actors/epc-holder.ts";
import { isUnknownAgain } from "../actors/free-tag.ts";
import { timingOf } from "../actors/heard-scan.ts";
import { heldNameOf } from "../actors/held-name.ts";
import type { Ground, KeptReceipt, Known, KnownContract } from "../actors/known.ts";
import type { TurnOutcome } from "../actors/site.ts";
import { goingOnAt } from "../actors/station-session.ts";
import { noStray, type Stray, type WaitingScan } from "../actors/stray.ts";
import { findClasses } from "./classes.ts";
import { findOwed } from "./contracts.ts";
import { findAnswered, findGround } from "./grounds.ts";
import { findItems } from "./items.ts";
import { findHeldElsewhere, newlyHeldOf, revivedNamesOf } from "./name-holders.ts";
import { contractsOfPasts, findPasts, outOrBack } from "./past-scans.ts";
import { findStrays, findWaiting } from "./quarantine.ts";
import { findReceipts } from "./receipts.ts";
import { createRecent } from "./recent.ts";
import { createRecentContracts } from "./recent-contracts.ts";
import { createRecentHeard } from "./recent-heard.ts";
import { createRecentSessions } from "./recent-sessions.ts";
import { createRecentStations, type Stations } from "./recent-stations.ts";
import {
  stationsOfHistory,
  tagsAskedBy,
  tagsOfHistory,
  tagsOfReleased,
  wantsScanned,
} from "./session-questions.ts";
import { findCarriers, newNamesOf } from "./thing-names.ts";
import { actsWithin } from "./turn-size.ts";

/** The part of the heap that may remember: the rest is for turns, queues and what is being sent. */
const heapShare = 0.25;
/** What an item weighs in memory with its tag and its place in the map, measured, and what makes it heavier than most. */
const itemBytes = 700;
const strayBytes = 250;
const witnessBytes = 200;
const bytesPerCharacter = 2;
/** How the memory is shared out. */
const shares = { tags: 0.6, contracts: 0.2, sessions: 0.15, heard: 0.03, stations: 0.02 } as const;

/** A tag: the item that carries it, or what waits for one to do so; both of one whose item is none any more. */
type Remembered = { readonly item: Item; readonly stray?: Stray } | { readonly stray: Stray };

const rememberedAs = (item: Item, stray: Stray | undefined): Remembered =>
  isUnknownAgain(item) ? { item, stray: stray ?? noStray } : { item };

const textLengthOf = ({ notes, lastService }: Item): number =>
  (notes?.length ?? 0) + (lastService?.done.reduce((sum, one) => sum + one.length, 0) ?? 0);

const bytesOf = (remembered: Remembered): number =>
  ("item" in remembered ? itemBytes + textLengthOf(remembered.item) * bytesPerCharacter : 0) +
  (remembered.stray === undefined ? 0 : strayBytes + remembered.stray.witnesses.size * witnessBytes);

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

const backAgain: ReadonlySet<string> = new Set(["return", "pickup", "rental", "delivery"]);

/** Sessions that what readers hear may be scans of: what an act before it changes of a session is of one that its turn knows anyway. */
const heardIn = (act: Act, stations: Stations): string[] => {
  const station = act.kind === "scan" ? stationOf(act) : undefined;
  if (act.kind !== "scan" || station === undefined) return [];
  return goingOnAt(stations.get(station) ?? [], timingOf(act).at).map(({ id }) => id);
};

/**
 * Scans that may come too late to change their items, and still settle what contracts are owed: by what is known of the item,
 * or by another act of the same turn that goes before. A clock that runs ahead counts as of its receipt. What a reader hears may be
 * such a scan where sessions are held at its station.
 */
const lateActs = (acts: readonly Act[], items: ReadonlyMap<string, Item>): Act[] => {
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
    return isAgain || (item.lastFactAt !== null && atMs < Date.parse(item.lastFactAt)) ? [act] : [];
  });
};

const tagsAmong = (acts: readonly Act[]): string[] => acts.flatMap((act) => tagOf(act) ?? []);

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
  wholeTagsMax?: number,
): Memory => {
  const tags = createRecent<Remembered>(bytesMax * shares.tags, bytesOf);
  const contracts = createRecentContracts(sql, bytesMax * shares.contracts);
  const sessions = createRecentSessions(sql, bytesMax * shares.sessions, wholeTagsMax);

  const heard = createRecentHeard(sql, bytesMax * shares.heard);
  const stations = createRecentStations(sql, bytesMax * shares.stations);

  const readTags = async (site: string, unknown: readonly string[]): Promise<[string, Remembered][]> => {
    if (unknown.length === 0) return [];
    const [found, strays] = await Promise.all([
      findItems(sql, site, unknown),
      findStrays(sql, site, unknown),
    ]);
    const items = new Map(found.map((item) => [item.tag, item]));
    return unknown.map((tag) => {
      const item = items.get(tag);
      const stray = strays.get(tag);
      return [tag, item === undefined ? { stray: stray ?? noStray } : rememberedAs(item, stray)];
    });
  };

  const groundOf = (
    site: string,
    epoch: number,
    { first, before }: { readonly first: Act; readonly before: KeptReceipt | undefined },
  ): Promise<Ground | undefined> =>
    before === undefined
      ? findGround(sql, site, epoch, first)
      : findAnswered(sql, site, first, before.receipt);

  const contractNames = (
    acts: readonly Act[],
    items: Iterable<Item>,
    known: Iterable<{ readonly session: Session }>,
  ): Set<string> => {
    const names = new Set(acts.flatMap(contractsOf));
    for (const { contract } of items) if (contract !== null) names.add(contract);
    for (const { session } of known) if (session.contract !== null) names.add(session.contract);
    return names;
  };

  /** Items by their tags, and what waits for tags that have none; of those to be read anew nothing is remembered. */
  const recallTags = async (
    site: string,
    wanted: Iterable<string>,
    anew: ReadonlySet<string> = new Set(),
  ) => {
    const items = new Map<string, Item>();
    const strays = new Map<string, Stray>();
    const take = (tag: string, remembered: Remembered) => {
      if ("item" in remembered) items.set(tag, remembered.item);
      if (remembered.stray !== undefined) strays.set(tag, remembered.stray);
    };
    const unknown: string[] = [];
    for (const tag of new Set(wanted)) {
      const remembered = anew.has(tag) ? undefined : tags.get(site, tag);
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
        recallTags(site, given.flatMap(tagsOf), new Set(given.flatMap(readAnewBy))),
        ids === "new-ids"
          ? new Map<string, KeptReceipt>()
          : findReceipts(sql, site, [...new Set(given.flatMap(receiptIdsOf))]),
        sessions.find(site, sessionIds),
        stations.recall(
          site,
          given.flatMap((act) => stationOf(act) ?? []),
        ),
        findClasses(sql, site, classNames),
      ]);
      const foundSessions = withMore(
        new Map(namedSessions),
        await sessions.find(
          site,
          given.flatMap((act) => heardIn(act, namedStations)),
        ),
      );
      const sessionsOf = (act: Act): string[] => [
        ...[sessionOf(act) ?? []].flat(),
        ...heardIn(act, namedStations),
      ];
      /** Sessions at the station of an act: one before it in the turn may begin, close or reopen them. */
      const heldAt = (act: Act): string[] =>
        (namedStations.get(stationOf(act) ?? "") ?? []).map(({ id }) => id);
      const met = new Set<string>();
      /** Tags of sessions that have to be read for an act, besides those of the acts before it. */
      const sessionTagsOf = (act: Act): number => {
        const sizes = sessionsOf(act).map((id) => {
          const found = foundSessions.get(id);
          const isScannedAsked = wantsScanned(act, found?.session);
          const key = `${id} ${isScannedAsked}`;
          if (met.has(key)) return 0;
          met.add(key);
          return sessions.rowsOf(found, isScannedAsked);
        });
        return sizes.reduce(
          (sum, size) => sum + size,
          act.kind === "session.begin" ? (act.body.expected?.length ?? 0) : 0,
        );
      };
      const waitingFor = (act: Act): number => strays.get(releasedBy(act) ?? "")?.waiting ?? 0;
      const enough = actsWithin(given, waitingFor, sessionTagsOf);
      const acts = given.slice(0, enough);
      const awaited = [
        ...new Set(acts.flatMap((act) => (waitingFor(act) > 0 ? (releasedBy(act) ?? []) : []))),
      ];
      const [first] = acts;
      // Acts that are for another turn ask for nothing: their sessions are not read here.
      const ownSessions = new Map(
        [...new Set(acts.flatMap(sessionsOf))].flatMap((id) => {
          const found = foundSessions.get(id);
          return found === undefined ? [] : [[id, found] as const];
        }),
      );
      const scannedIn = new Set(
        acts.flatMap((act) =>
          sessionsOf(act).filter((id) => wantsScanned(act, ownSessions.get(id)?.session)),
        ),
      );
      const newNames = newNamesOf(acts, items);
      const late = lateActs(acts, items);
      const moving = outOrBack(late);
      const [waiting, ground, owed, pasts, knownContracts, carriers, heldElsewhere] = await Promise.all([
        awaited.length === 0 ? new Map<string, readonly WaitingScan[]>() : findWaiting(sql, site, awaited),
        first === undefined ? undefined : groundOf(site, epoch, { first, before: receipts.get(first.id) }),
        findOwed(sql, site, tagsAmong(late)),
        findPasts(sql, site, tagsAmong(moving)),
        contracts.find(site, contractNames(acts, items.values(), ownSessions.values())),
        findCarriers(sql, site, newNames),
        findHeldElsewhere(sql, site, [...newlyHeldOf(acts, items), ...revivedNamesOf(acts, items)]),
      ]);
      // What an act looks back on, merges, settles or releases names things that nobody has asked about otherwise.
      const history = ground?.history ?? [];
      const released = [...waiting.values()].flat().map(({ heard }) => heard.scan);
      const undone = history.flatMap(({ pos, session }) =>
        ground?.targets?.has(pos) ? (session ?? []) : [],
      );
      const describedAgain = history.flatMap(({ type, data }) =>
        type === ClassDefined.type ? (data as ClassDefinedBody).class : [],
      );
      const [further, furtherSessions, furtherClasses] = await Promise.all([
        recallTags(site, [
          ...history.flatMap(({ tag }) => tag ?? []),
          ...(ground?.soldTags ?? []),
          ...(ground?.unlabelled?.tags ?? []),
          ...acts.flatMap((act) => mergedTags(act, knownContracts)),
        ]),
        sessions.find(site, [...released.flatMap(({ session }) => session ?? []), ...undone]),
        findClasses(sql, site, [...new Set(describedAgain)]),
      ]);
      // What an undo, or a tag that is used again, puts back into the stock may be in that of another site by now; what is in this one is in no other.
      const goneNames =
        history.length === 0 && (ground?.soldTags ?? []).length === 0
          ? []
          : [...further.items.values()].flatMap((item) =>
              isHolding(item) ? [] : (heldNameOf(item.tag) ?? []),
            );
      // A session goes on, or has begun after all, only where no other is open at its station.
      const furtherStations = await stations.recall(site, [
        ...[...furtherSessions.values()].flatMap(({ session: { station } }) => station ?? []),
        ...stationsOfHistory(history),
      ]);
      const askedSessions = {
        tags: [
          ...acts.flatMap((act) => tagsAskedBy(act, [...sessionsOf(act), ...heldAt(act)])),
          ...tagsOfReleased(released),
          ...tagsOfHistory(history),
        ],
        scannedIn: new Set([...scannedIn, ...undone]),
      };
      const [knownSessions, heardInSessions, undoneElsewhere, furtherContracts] = await Promise.all([
        sessions.withTags(site, withMore(ownSessions, furtherSessions), askedSessions),
        // Readers declare nothing: what they repeat is of no matter, and who scanned what is asked once a session is over.
        heard.find(site, [
          ...acts.flatMap((act) => (stationOf(act) === undefined ? (sessionOf(act) ?? []) : [])),
          ...askedSessions.scannedIn,
        ]),
        findHeldElsewhere(sql, site, goneNames),
        contracts.find(site, [
          ...contractNames([], further.items.values(), furtherSessions.values()),
          ...history.flatMap((event) => [event.contract ?? [], contractKeysOf(event).contracts].flat()),
          ...[...owed.values()].flat().map(({ contract }) => contract),
          ...released.flatMap(({ contract }) => contract?.trim() ?? []),
          ...contractsOfPasts(pasts),
        ]),
      ]);
      const known: Known = {
        items: withMore(items, further.items),
        receipts,
        strays,
        waiting,
        contracts: withMore(knownContracts, furtherContracts),
        owed,
        pasts,
        sessions: knownSessions,
        heard: heardInSessions,
        stations: new Map([...namedStations, ...furtherStations]),
        classes: withMore(classes, furtherClasses),
        grounds: new Map(first === undefined || ground === undefined ? [] : [[first.id, ground]]),
        carriers,
        heldElsewhere: new Set([...heldElsewhere, ...undoneElsewhere]),
      };
      return { known, acts: enough };
    },
    learn: (site, outcome) => {
      for (const [tag, item] of outcome.items)
        tags.set(site, tag, rememberedAs(item, outcome.strays.get(tag)));
      for (const [tag, stray] of outcome.strays) {
        const before = tags.get(site, tag);
        // Of a tag that is not remembered any more nobody knows here whether an item is under it: who asks next reads both.
        if (before === undefined || outcome.items.has(tag)) continue;
        tags.set(site, tag, "item" in before ? rememberedAs(before.item, stray) : { stray });
      }
      contracts.learn(site, outcome);
      sessions.learn(site, outcome);
      heard.learn(site, outcome);
      stations.learn(site, outcome);
    },
    forget: (site) => {
      for (const recent of [tags, contracts, sessions, heard, stations]) recent.forget(site);
    },
  };
};
