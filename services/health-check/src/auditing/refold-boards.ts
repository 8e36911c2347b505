import type { Bus } from "@tagwire/bus";
import {
  AskBoardRefolds,
  type BoardEntity,
  boardEntities,
  type Finding,
  type FindingCode,
  refoldedPerQuestionMax,
} from "@tagwire/messages";
import type { RefoldedUntil } from "../actors/progress.ts";
import type { Sighting } from "../actors/sighting.ts";
import { askAgain } from "./ask-again.ts";
import { inPortions, thingsPerAudit } from "./portions.ts";

export type BoardTask = {
  readonly bus: Bus;
  readonly site: string;
  /** So many things of each kind at least, while there are as many; none of them with 0. */
  readonly livesPerAudit: number;
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
  const { checked, next, differ, more } = await askAgain(bus, AskBoardRefolds, { site, entity, ...asked });
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
  return { checked, next, found, more };
};

export type BoardsRefolded = {
  readonly checked: number;
  readonly found: readonly Sighting[];
  readonly untold: ReadonlyMap<FindingCode, number>;
  readonly until: RefoldedUntil;
};

/**
 * Has the manager fold again what only its boards show, a part of it in each audit: operations keeps nothing of the kind, so that no sum
 * of both sides could tell.
 */
export const refoldBoards = async (task: BoardTask): Promise<BoardsRefolded> => {
  const until: { -readonly [name in keyof RefoldedUntil]: string | null } = {};
  const found = new Map<string, Sighting>();
  let [checked, more] = [0, 0];
  for (const entity of boardEntities) {
    const name = `board ${entity}` as const;
    const most = thingsPerAudit(task.livesPerAudit, task.countOf(entity));
    let [after, looked] = [task.until[name] ?? null, 0];
    const look = async (asked: Asked) => {
      const seen = await page(task, entity, asked);
      for (const one of seen.found) found.set(JSON.stringify([entity, one.key]), one);
      checked += seen.checked;
      more += seen.more;
      return seen;
    };
    const portion = async () => {
      const seen = await look({ after, limit: Math.min(refoldedPerQuestionMax, most - looked) });
      looked += Math.max(1, seen.checked);
      after = seen.next;
      return { isDone: after === null || looked >= most };
    };
    if (most > 0) await inPortions(portion, task.signal);
    until[name] = after;
    const known = task.known
      .filter((one) => one.code === "field_diff" && one.entity === entity)
      .map(({ key }) => key)
      .slice(0, refoldedPerQuestionMax);
    if (known.length > 0 && most > 0) await look({ after: null, limit: known.length, keys: known });
  }
  return { checked, found: [...found.values()], untold: new Map([["field_diff", more]]), until };
};
