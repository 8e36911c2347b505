import { Fault, fieldTagsMax, type TrainingField } from "@tagwire/messages";
import type { TagRead } from "../driver.ts";

/** How often the reader looks, in ms: as often as one that is busy with a few antennas. */
export const roundMs = 100;
/** A reader hears 60 to 70 % of what is in its field in one round (SMURF, VLDB 2006); a tag close by is heard more often. */
const heardShare = 0.75;
/** What lies on a table, and how much it varies from tag to tag and from round to round, in dBm and dB. */
const nearDbm = -46;
const tagSpreadDb = 8;
const roundSpreadDb = 5;
/** How much fainter a tag is at the far end of a gate than right below it, in dB. */
const farDb = 14;
/** Somebody with a trolley needs so long for a gate, and the next tag on it is so far behind, in ms. */
export const walkMs = 2_000;
const trolleyGapMs = 20;
/** The share of the way on which the antennas of both sides hear the tag. */
const bothFrom = 0.4;
const bothTo = 0.6;

/** Where a tag lies: at a station, before these antennas. */
type Lying = { readonly station: string; readonly ports: readonly number[]; readonly loudDb: number };
/** The antennas of both sides of a gate, in the order in which they are passed. */
export type Way = { readonly before: readonly number[]; readonly beyond: readonly number[] };
type Walking = { readonly way: Way; readonly beganAtMs: number; readonly loudDb: number };

/** A share at random, at least 0 and below 1. */
type Chance = () => number;

/**
 * What lies and walks before a reader that is practised with. It is in memory alone: whoever switches a warehouse off and on again has to
 * put things before the reader again, too.
 */
export class Field {
  readonly #lying = new Map<string, Lying>();
  readonly #walking = new Map<string, Walking>();
  readonly #chance: Chance;

  constructor(chance: Chance = Math.random) {
    this.#chance = chance;
  }

  view(): TrainingField {
    return {
      tags: [...this.#lying].map(([tag, { station }]) => ({ tag, station })),
      walking: [...this.#walking.keys()],
    };
  }

  /** @throws Fault `training.field_full`, and then nothing was put. */
  put(tags: readonly string[], where: Omit<Lying, "loudDb">): void {
    this.#checkRoom(tags);
    for (const tag of tags) {
      this.#walking.delete(tag);
      this.#lying.set(tag, { ...where, loudDb: this.#chance() * tagSpreadDb });
    }
  }

  /** Without `tags`, everything; what is not there cannot be taken, and is no mistake. */
  take(tags?: readonly string[]): void {
    for (const tag of tags ?? [...this.#lying.keys(), ...this.#walking.keys()]) {
      this.#lying.delete(tag);
      this.#walking.delete(tag);
    }
  }

  /** Tags pass a gate, one behind the other; beyond it they are before the reader no more. @throws Fault `training.field_full` */
  walk(tags: readonly string[], way: Way, nowMs: number): void {
    this.#checkRoom(tags);
    for (const [index, tag] of tags.entries()) {
      this.#lying.delete(tag);
      const beganAtMs = nowMs + index * trolleyGapMs;
      this.#walking.set(tag, { way, beganAtMs, loudDb: this.#chance() * tagSpreadDb });
    }
  }

  /** What the antennas hear in a round. */
  round(nowMs: number): TagRead[] {
    const lying = [...this.#lying].flatMap(([epc, { ports, loudDb }]) =>
      ports.flatMap((antenna) => this.#hear(epc, { antenna, dbm: nearDbm - loudDb, heardAtMs: nowMs })),
    );
    const walking = [...this.#walking].flatMap(([epc, walk]) => this.#hearPassing(epc, walk, nowMs));
    return [...lying, ...walking];
  }

  #hearPassing(epc: string, { way, beganAtMs, loudDb }: Walking, nowMs: number): TagRead[] {
    const share = (nowMs - beganAtMs) / walkMs;
    if (share < 0) return [];
    if (share > 1) {
      this.#walking.delete(epc);
      return [];
    }
    const heardBy = (ports: readonly number[], away: number): TagRead[] =>
      ports.flatMap((antenna) =>
        this.#hear(epc, { antenna, dbm: nearDbm - loudDb - farDb * Math.abs(away), heardAtMs: nowMs }),
      );
    return [
      ...(share <= bothTo ? heardBy(way.before, share - bothTo / 2) : []),
      ...(share >= bothFrom ? heardBy(way.beyond, share - (1 + bothFrom) / 2) : []),
    ];
  }

  /** A tag that an antenna could hear: often it does, now and then several times. */
  #hear(
    epc: string,
    { antenna, dbm, heardAtMs }: { antenna: number; dbm: number; heardAtMs: number },
  ): TagRead[] {
    if (this.#chance() >= heardShare) return [];
    const rssiDbm = Math.round((dbm - this.#chance() * roundSpreadDb) * 2) / 2;
    return [{ epc, antenna, rssiDbm, count: 1 + Math.floor(this.#chance() * 3), heardAtMs }];
  }

  #checkRoom(tags: readonly string[]): void {
    const there = new Set([...this.#lying.keys(), ...this.#walking.keys(), ...tags]);
    if (there.size > fieldTagsMax) throw new Fault("training.field_full", `at most ${fieldTagsMax}`);
  }
}
