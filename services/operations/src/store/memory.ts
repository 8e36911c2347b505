import { getHeapStatistics } from "node:v8";
import type { Item } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { type Act, mayCommission, tagOf } from "../actors/act.ts";
import type { Known } from "../actors/known.ts";
import type { TurnOutcome } from "../actors/site.ts";
import { noStray, type Stray } from "../actors/stray.ts";
import { findItems } from "./items.ts";
import { findStrays, findWaiting } from "./quarantine.ts";
import { findReceipts } from "./receipts.ts";
import { createRecent } from "./recent.ts";

/** The part of the heap that may remember: the rest is for turns, queues and what is being sent. */
const heapShare = 0.25;
/** What an item weighs in memory with its tag and its place in the map, measured, and what makes it heavier than most. */
const itemBytes = 700;
const strayBytes = 250;
const witnessBytes = 200;
const bytesPerCharacter = 2;
/** Scans that one turn takes out of quarantine: with more, its commit would come near the time limit. */
const releasedPerTurnMax = 5_000;

/** A tag: the item that carries it, or what waits for one to do so. */
type Remembered = { readonly item: Item } | { readonly stray: Stray };

const bytesOf = (remembered: Remembered): number =>
  "item" in remembered
    ? itemBytes + (remembered.item.notes?.length ?? 0) * bytesPerCharacter
    : strayBytes + remembered.stray.witnesses.size * witnessBytes;

export type Recalled = {
  readonly known: Known;
  /** How many of the acts, from the first, it is enough for: at least one. The others are for another turn. */
  readonly acts: number;
};

export type Memory = {
  /**
   * Everything the acts ask about: from memory where the owner has it, from the store in one round trip where not, and in a second
   * one the scans that wait for a tag to be commissioned. `known-ids` looks for the receipts of their ids; `new-ids` takes them
   * for new, which the commit then has to prove.
   */
  readonly recall: (site: string, acts: readonly Act[], ids: "known-ids" | "new-ids") => Promise<Recalled>;
  /** What a committed turn left. */
  readonly learn: (site: string, outcome: TurnOutcome) => void;
  /** Forgets a site: somebody else may own it from now on. */
  readonly forget: (site: string) => void;
};

/** How many acts fit into one turn, by the scans that their commissionings release. */
const actsWithin = (acts: readonly Act[], waitingOf: (act: Act) => number): number => {
  let released = 0;
  const tooMany = acts.findIndex((act, index) => {
    released += waitingOf(act);
    return released > releasedPerTurnMax && index > 0;
  });
  return tooMany < 0 ? acts.length : tooMany;
};

/**
 * An owner's memory of its tags, bounded by a share of the heap. It is right because nobody else writes its sites; whoever loses a
 * site forgets it.
 */
export const createMemory = (
  sql: Sql,
  bytesMax: number = getHeapStatistics().heap_size_limit * heapShare,
): Memory => {
  const recent = createRecent<Remembered>(bytesMax, bytesOf);

  const read = async (site: string, tags: readonly string[]): Promise<[string, Remembered][]> => {
    if (tags.length === 0) return [];
    const [found, strays] = await Promise.all([findItems(sql, site, tags), findStrays(sql, site, tags)]);
    const items = new Map(found.map((item) => [item.tag, item]));
    return tags.map((tag) => {
      const item = items.get(tag);
      return [tag, item === undefined ? { stray: strays.get(tag) ?? noStray } : { item }];
    });
  };

  return {
    recall: async (site, acts, ids) => {
      const items = new Map<string, Item>();
      const strays = new Map<string, Stray>();
      const take = (tag: string, remembered: Remembered) => {
        if ("item" in remembered) items.set(tag, remembered.item);
        else strays.set(tag, remembered.stray);
      };
      const unknown: string[] = [];
      for (const tag of new Set(acts.flatMap((act) => tagOf(act) ?? []))) {
        const remembered = recent.get(site, tag);
        if (remembered === undefined) unknown.push(tag);
        else take(tag, remembered);
      }
      // All are on their way before any is awaited: one round trip.
      const [found, receipts] = await Promise.all([
        read(site, unknown),
        ids === "new-ids" ? new Map() : findReceipts(sql, site, [...new Set(acts.map(({ id }) => id))]),
      ]);
      for (const [tag, remembered] of found) {
        recent.set(site, tag, remembered);
        take(tag, remembered);
      }
      const waitingFor = (act: Act): number =>
        mayCommission(act) ? (strays.get(tagOf(act) ?? "")?.waiting ?? 0) : 0;
      const enough = actsWithin(acts, waitingFor);
      const commissioned = acts.slice(0, enough).filter((act) => waitingFor(act) > 0);
      const awaited = [...new Set(commissioned.flatMap((act) => tagOf(act) ?? []))];
      const waiting = awaited.length === 0 ? new Map() : await findWaiting(sql, site, awaited);
      return { known: { items, receipts, strays, waiting }, acts: enough };
    },
    learn: (site, { items, strays }) => {
      for (const [tag, item] of items) recent.set(site, tag, { item });
      for (const [tag, stray] of strays) recent.set(site, tag, { stray });
    },
    forget: recent.forget,
  };
};
