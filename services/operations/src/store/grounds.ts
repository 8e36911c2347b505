import {
  expectedTagsMax,
  Fault,
  type ItemStatus,
  onFloorStatuses,
  type Receipt,
  statusGroups,
} from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { type Act, expectsOnFloor } from "../actors/act.ts";
import type { Ground } from "../actors/known.ts";
import { findOnFloor } from "./items.ts";
import { stageOf } from "./migration.ts";
import { reserveTags } from "./tag-sequences.ts";
import { groundOfUndo } from "./undo-grounds.ts";

/** Where a count looks for things, and where service does. */
const floorStatuses: readonly ItemStatus[] = onFloorStatuses;
const serviceStatuses: readonly ItemStatus[] = statusGroups.inService;

const readGround = async (sql: Sql, site: string, epoch: number, act: Act): Promise<Ground | undefined> => {
  switch (act.kind) {
    case "events.undo":
      return groundOfUndo(sql, site, epoch, act.body);
    case "tags.provision":
      return { freeTags: await reserveTags(sql, site, act.body.tags, act.body.quantity) };
    case "site.migrate":
      return { stage: await stageOf(sql, site) };
    case "session.begin": {
      if (!expectsOnFloor(act.body)) return undefined;
      const { place, class: name, mode } = act.body;
      const statuses = mode === "service" ? serviceStatuses : floorStatuses;
      return {
        expected: await findOnFloor(sql, { site, place, class: name, statuses, limit: expectedTagsMax + 1 }),
      };
    }
    default:
      return undefined;
  }
};

/** What the answer to a repeated act tells again, and no row remembers: the tags that were made. */
export const findAnswered = async (
  sql: Sql,
  site: string,
  act: Act,
  { event }: Receipt,
): Promise<Ground | undefined> => {
  if (act.kind !== "tags.provision" || event === undefined) return undefined;
  const rows = await sql<{ tag: string }[]>`
    select tag from event where site = ${site} and epoch = ${event.epoch}
      and pos >= ${event.pos} and pos < ${event.pos + act.body.quantity} order by pos`;
  return { freeTags: rows.map(({ tag }) => tag) };
};

/** What an act has to know besides its tags, contracts and sessions; nothing for most. A fault refuses the act, and not its turn. */
export const findGround = async (
  sql: Sql,
  site: string,
  epoch: number,
  act: Act,
): Promise<Ground | undefined> => {
  try {
    return await readGround(sql, site, epoch, act);
  } catch (error) {
    if (error instanceof Fault) return { fault: error };
    throw error;
  }
};
