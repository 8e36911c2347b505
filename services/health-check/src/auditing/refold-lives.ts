import type { Bus } from "@tagwire/bus";
import {
  AskRefold,
  AskRefolds,
  type Finding,
  type FindingCode,
  type Refold,
  type RefoldedEntity,
  refoldedEntities,
  refoldedPerQuestionMax,
  type Unproven,
} from "@tagwire/messages";
import { remedyOf } from "../actors/edit.ts";
import type { RefoldedUntil } from "../actors/progress.ts";
import type { Sighting } from "../actors/sighting.ts";
import { newsFirst, type Standing } from "../actors/storm.ts";
import { askAgain } from "./ask-again.ts";
import { behind } from "./behind.ts";
import { inPortions, openPace, thingsPerAudit } from "./portions.ts";
import { openUnproven } from "./unproven.ts";

/** Of one kind so many are told whole in an audit; more of them are one trouble, */
const toldMax = 60;
/** and so many of those are named, so that what is new later can be told from what was there. */
const namedMax = 1_000;
/** Of a thing with very many fields, such as a session with thousands of tags, only those that differ are kept, and not all of them. */
const fieldsMax = 60;

export type RefoldTask = {
  readonly bus: Bus;
  readonly site: string;
  /** So many things of each kind at least, while there are as many; none of them with 0. */
  readonly livesPerAudit: number;
  /** The share of all of them that is due, from 0 to 1, and how far apart audits are. */
  readonly due: { readonly share: number; readonly everyMs: number };
  readonly until: RefoldedUntil;
  /** How many there are of each kind. */
  readonly countOf: (entity: RefoldedEntity) => number;
  /** Findings that only looking again can tell the end of. */
  readonly known: readonly Pick<Finding, "code" | "entity" | "key">[];
  readonly standing: Standing;
  readonly read: (rows: number) => void;
  readonly signal: AbortSignal;
};

const narrowed = (row: Refold["row"], fields: readonly string[]): Refold["row"] =>
  row === null || Object.keys(row).length <= fieldsMax
    ? row
    : Object.fromEntries(fields.slice(0, fieldsMax).map((name) => [name, row[name]]));

const look = async (
  { bus, site }: RefoldTask,
  entity: RefoldedEntity,
  key: string,
): Promise<Sighting | undefined> => {
  const refold = await askAgain(bus, AskRefold, { site, entity, key });
  if (refold.isTooLong)
    // It was found before it was so long, and nobody can prove that it has healed.
    return { ...oneOf(entity, key), evidence: { detail: "its life has become too long to be folded again" } };
  if (refold.isSame) return undefined;
  const { fields, row, folded } = refold;
  const evidence = {
    operations: narrowed(row, fields),
    folded: narrowed(folded, fields),
    fields: fields.slice(0, fieldsMax),
    ...(await behind(bus, site, refold)),
  };
  return {
    ...{ code: "state_unexplained", entity, key, evidence, isCertain: true },
    remedy: remedyOf(entity, refold),
  };
};

/** One of many, that nobody looks into. */
const oneOf = (entity: RefoldedEntity, key: string): Sighting => ({
  ...{ code: "state_unexplained", entity, key, isCertain: true, remedy: "none" },
  evidence: { detail: "its events come to something else, as those of many others do" },
});

/** Keys of the next things of a kind that are something else than their events, those that were not looked into, and where to go on. */
const next = async (
  { bus, site, read, signal }: RefoldTask,
  entity: RefoldedEntity,
  { after, most }: { readonly after: string | null; readonly most: number },
) => {
  const [keys, tooLong]: [Set<string>, Set<string>] = [new Set(), new Set()];
  let [at, checked, ends] = [after, 0, 0];
  const pace = openPace(refoldedPerQuestionMax);
  const portion = async () => {
    const limit = Math.min(pace.size(), most - checked);
    const askedAtMs = performance.now();
    const page = await askAgain(bus, AskRefolds, { site, entity, after: at, limit });
    pace.took(performance.now() - askedAtMs);
    read(page.checked);
    for (const key of page.differ) keys.add(key);
    for (const key of page.tooLong ?? []) tooLong.add(key);
    // What has to be skipped counts, too, or a kind of nothing but long lives would never end.
    checked += Math.max(1, page.checked + (page.tooLong?.length ?? 0));
    at = page.next;
    if (at === null) ends += 1;
    // Whoever began in the middle goes round once.
    return { isDone: checked >= most || ends > (after === null ? 0 : 1) };
  };
  if (most > 0) await inPortions(portion, signal);
  return { keys: [...keys], tooLong: [...tooLong], after: at };
};

export type Refolded = {
  readonly checked: number;
  readonly found: readonly Sighting[];
  /** How many more there are than were named. */
  readonly untold: ReadonlyMap<FindingCode, number>;
  readonly until: RefoldedUntil;
  readonly unproven: readonly Unproven[];
  /** Of every kind at least this share was folded again, from 0 to 1. */
  readonly share: number;
};

/**
 * Folds the events of some things again, and names those whose row in the record is not what they come to: also where both sides were
 * changed in the same way. The parts follow each other from audit to audit, so that in a day every thing was.
 */
export const refoldLives = async (task: RefoldTask): Promise<Refolded> => {
  const found: Sighting[] = [];
  const others: Sighting[] = [];
  let [more, share] = [0, 1];
  const unproven = openUnproven();
  const until: Partial<Record<RefoldedEntity, string | null>> = {};
  let checked = 0;
  const read = (rows: number) => {
    checked += rows;
    task.read(rows);
  };
  for (const entity of refoldedEntities) {
    const count = task.countOf(entity);
    const most = thingsPerAudit(task.livesPerAudit, count, task.due);
    share = Math.min(share, most / Math.max(1, count));
    const { keys, tooLong, after } = await next({ ...task, read }, entity, {
      after: task.until[entity] ?? null,
      most,
    });
    until[entity] = after;
    unproven.add(entity, "too_long", tooLong);
    const known = task.known
      .filter((one) => one.code === "state_unexplained" && one.entity === entity)
      .map(({ key }) => key);
    const unexplained = newsFirst(
      task.standing,
      keys.filter((key) => !known.includes(key)).map((key) => oneOf(entity, key)),
    );
    for (const key of [...known, ...unexplained.slice(0, toldMax).map((one) => one.key)]) {
      const sighting = await look(task, entity, key);
      if (sighting !== undefined) found.push(sighting);
    }
    others.push(...unexplained.slice(toldMax, namedMax));
    more += Math.max(0, unexplained.length - namedMax);
  }
  // Those that were looked at are told first.
  return {
    ...{ checked, until, share, unproven: unproven.all() },
    found: [...found, ...others],
    untold: new Map([["state_unexplained", more]]),
  };
};
