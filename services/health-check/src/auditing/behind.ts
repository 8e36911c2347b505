import { ask, type Bus } from "@tagwire/bus";
import {
  AskRecordings,
  AskRefold,
  type Evidence,
  type HeardReads,
  type KeptRecording,
  type Refold,
  type RefoldedEntity,
  refoldedEntities,
} from "@tagwire/messages";
import type { Sighting } from "../actors/sighting.ts";
import { isNews, type Standing } from "../actors/storm.ts";
import { askAgain } from "./ask-again.ts";

const timeoutMs = 5_000;

const holds = ({ from, until }: KeptRecording, { firstHeardAt, lastHeardAt }: HeardReads): boolean => {
  const [first, last] = [firstHeardAt ?? lastHeardAt, lastHeardAt];
  if (first === null || last === null) return false;
  return Date.parse(from) <= Date.parse(last) && (until === null || Date.parse(until) >= Date.parse(first));
};

/** The recordings of a reader; none where its reader-gateway has none, or is away: nobody waits for a proof because of an example. */
const recordingsOf = async (bus: Bus, site: string, id: string): Promise<readonly KeptRecording[]> => {
  try {
    return (await ask(bus, AskRecordings, { site, id }, { timeoutMs })).recordings;
  } catch {
    return [];
  }
};

/** What is behind a thing: its newest events, the clocks of their devices, and the raw reads, with where the frames of these are kept. */
export const behind = async (
  bus: Bus,
  site: string,
  { events, clocks, reads }: Refold,
): Promise<Pick<Evidence, "events" | "clocks" | "reads">> => {
  if (reads.length === 0) return { events, clocks };
  const readers = [...new Set(reads.map(({ reader }) => reader))];
  const recordings = new Map(
    await Promise.all(
      readers.map(async (reader) => [reader, await recordingsOf(bus, site, reader)] as const),
    ),
  );
  const found = reads.map((one) => {
    const names = (recordings.get(one.reader) ?? []).filter((kept) => holds(kept, one));
    return names.length === 0 ? one : { ...one, recordings: names.map(({ name }) => name) };
  });
  return { events, clocks, reads: found };
};

/** Of what breaks rules, so many things are looked into in an audit: of those that are findings already it is kept. */
const lookedIntoMax = 50;

const isRefolded = ({ entity }: Sighting): boolean =>
  (refoldedEntities as readonly string[]).includes(entity);

/** What breaks a rule, with what is behind the thing that it is about, where nobody has heard of it yet. */
export const withWhatIsBehind = async (
  { bus, site, standing }: { readonly bus: Bus; readonly site: string; readonly standing: Standing },
  found: readonly Sighting[],
): Promise<readonly Sighting[]> => {
  const news = new Set(
    found.filter((one) => isRefolded(one) && isNews(standing, one)).slice(0, lookedIntoMax),
  );
  const all: Sighting[] = [];
  for (const one of found) {
    if (!news.has(one)) {
      all.push(one);
      continue;
    }
    const asked = { site, entity: one.entity as RefoldedEntity, key: one.key };
    const evidence = await behind(bus, site, await askAgain(bus, AskRefold, asked));
    all.push({ ...one, evidence: { ...one.evidence, ...evidence } });
  }
  return all;
};
