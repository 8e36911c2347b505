import type { Bus } from "@tagwire/bus";
import {
  AskBoardRefolds,
  type BoardEntity,
  boardEntities,
  type Finding,
  type FindingCode,
  refoldedPerQuestionMax,
  type Unproven,
} from "@tagwire/messages";
import type { RefoldedUntil } from "../actors/progress.ts";
import type { Sighting } from "../actors/sighting.ts";
import { askAgain } from "./ask-again.ts";
import { inPortions, openPace, thingsPerAudit } from "./portions.ts";
import { openUnproven } from "./unproven.ts";

export type BoardTask = {
  readonly bus: Bus;
  readonly site: string;
  /** So many things of each kind at least, while there are as many; none of them with 0. */
  readonly livesPerAudit: number;
  /** The share of all of them that is due, from 0 to 1, and how far apart audits are. */
  readonly due: { readonly share: number; readonly everyMs: number };
  readonly until: RefoldedUntil;
  /** How many there are of each kind. */
  readonly countOf: (entity: BoardEntity) => number;
  /** Findings that only looking again can tell the end of. */
  readonly known: readonly Pick<Finding, "code" | "entity" | "key">[];
  /** Nothing is made anew of a log that somebody has changed: then it may be the log that is wrong. */
  readonly isLogChanged: boolean;
  readonly read: (rows: number) => void;
  readonly signal: AbortSignal;
};

type Asked = { readonly after: string | null; readonly limit: number; readonly keys?: string[] };

/** A page of what the manager's boards show, folded again; rows and events are of one position, so that what differs is certain. */
const page = async ({ bus, site, isLogChanged, read }: BoardTask, entity: BoardEntity, asked: Asked) => {
  const {
    checked,
    next,
    differ,
    more,
    tooLong = [],
  } = await askAgain(bus, AskBoardRefolds, { site, entity, ...asked });
  read(checked);
  const found = differ.map(
    ({ key, fields, row, folded }): Sighting => ({
      ...{ code: "field_diff", entity, key, isCertain: true },
      ...(isLogChanged ? { remedy: "none" } : {}),
      evidence: {
        ...{ manager: row, folded, fields },
        detail: "what the manager's boards show of it is not what its events come to",
      },
    }),
  );
  return { checked, next, found, more, tooLong };
};

export type BoardsRefolded = {
  readonly checked: number;
  readonly found: readonly Sighting[];
  readonly untold: ReadonlyMap<FindingCode, number>;
  readonly until: RefoldedUntil;
  readonly unproven: readonly Unproven[];
  /** Of every kind at least this share was folded again, from 0 to 1. */
  readonly share: number;
};

const grownTooLong = (entity: BoardEntity, key: string): Sighting => ({
  ...{ code: "field_diff", entity, key, isCertain: true, remedy: "none" },
  evidence: { detail: "its life has become too long to be folded again" },
});

/** Findings that are looked at again by one question: each of them may have a long life. */
const knownPerQuestionMax = 20;

/**
 * Has the manager fold again what only its boards show, a part of it in each audit: operations keeps nothing of the kind, so that no sum
 * of both sides could tell.
 */
export const refoldBoards = async (task: BoardTask): Promise<BoardsRefolded> => {
  const until: { -readonly [name in keyof RefoldedUntil]: string | null } = {};
  const found = new Map<string, Sighting>();
  const unproven = openUnproven();
  let [checked, more, share] = [0, 0, 1];
  for (const entity of boardEntities) {
    const name = `board ${entity}` as const;
    const count = task.countOf(entity);
    const most = thingsPerAudit(task.livesPerAudit, count, task.due);
    share = Math.min(share, most / Math.max(1, count));
    const began = task.until[name] ?? null;
    let [after, looked, ends] = [began, 0, 0];
    const tooLong = new Set<string>();
    const look = async (asked: Asked) => {
      const seen = await page(task, entity, asked);
      for (const one of seen.found) found.set(JSON.stringify([entity, one.key]), one);
      for (const key of seen.tooLong) tooLong.add(key);
      // They were found before they were so long, and nobody can prove that they have healed.
      for (const key of asked.keys === undefined ? [] : seen.tooLong)
        found.set(JSON.stringify([entity, key]), grownTooLong(entity, key));
      checked += seen.checked;
      more += seen.more;
      return seen;
    };
    const pace = openPace(refoldedPerQuestionMax);
    const portion = async () => {
      const askedAtMs = performance.now();
      const seen = await look({ after, limit: Math.min(pace.size(), most - looked) });
      pace.took(performance.now() - askedAtMs);
      looked += Math.max(1, seen.checked);
      after = seen.next;
      if (after === null) ends += 1;
      // Whoever began in the middle goes round once.
      return { isDone: looked >= most || ends > (began === null ? 0 : 1) };
    };
    if (most > 0) await inPortions(portion, task.signal);
    until[name] = after;
    const known = task.known
      .filter((one) => one.code === "field_diff" && one.entity === entity)
      .map(({ key }) => key)
      .slice(0, refoldedPerQuestionMax);
    for (let at = 0; at < known.length && most > 0; at += knownPerQuestionMax) {
      const keys = known.slice(at, at + knownPerQuestionMax);
      await look({ after: null, limit: keys.length, keys });
    }
    unproven.add(`${entity} of boards`, "too_long", [...tooLong]);
  }
  return {
    ...{ checked, until, share, unproven: unproven.all() },
    found: [...found.values()],
    untold: new Map([["field_diff", more]]),
  };
};
