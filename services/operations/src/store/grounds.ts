import {
  type ConfirmTags,
  expectedTagsMax,
  Fault,
  type ItemStatus,
  normaliseTag,
  onFloorStatuses,
  type Position,
  provisionedPerRequestMax,
  type Receipt,
  statusGroups,
} from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { type Act, expectsOnFloor } from "../actors/act.ts";
import { heldNameOf } from "../actors/held-name.ts";
import type { Ground } from "../actors/known.ts";
import { findOnFloor, findSold, findUnlabelled } from "./items.ts";
import { stageOf } from "./migration.ts";
import { findHeldElsewhere } from "./name-holders.ts";
import { eventShown, isKept, listPhotos } from "./photos.ts";
import { ruleOf } from "./stock-rules.ts";
import { reserveTags } from "./tag-sequences.ts";
import { groundOfUndo } from "./undo-grounds.ts";
import { zoneGround } from "./zones.ts";

/** Where a count looks for things, and where service does. */
const floorStatuses: readonly ItemStatus[] = onFloorStatuses;
const serviceStatuses: readonly ItemStatus[] = statusGroups.inService;

/** What one confirmation says at most: tags that are named, all of a class, and misprints. */
const confirmedPerActMax = 3 * provisionedPerRequestMax;

const readGround = async (sql: Sql, site: string, epoch: number, act: Act): Promise<Ground | undefined> => {
  switch (act.kind) {
    case "events.undo":
      return groundOfUndo(sql, site, epoch, act.body);
    case "tags.provision": {
      const { class: name, tags, quantity, reuseSold = false } = act.body;
      const soldTags = reuseSold ? await soldTagsOf(sql, site, name.trim(), quantity) : [];
      const wanted = quantity - soldTags.length;
      return { soldTags, freeTags: wanted === 0 ? [] : await reserveTags(sql, site, tags, wanted) };
    }
    case "tags.confirm": {
      const { tags, count } = await unlabelledOf(sql, site, act.body, provisionedPerRequestMax);
      return { unlabelled: { tags, left: count - tags.length } };
    }
    case "site.migrate":
      return { stage: await stageOf(sql, site) };
    case "photo.add":
    case "photo.delete": {
      const tag = normaliseTag(act.body.tag) ?? "";
      const photos = await listPhotos(sql, site, tag);
      if (act.kind === "photo.delete") return { photo: { photos } };
      const of = await eventShown(sql, site, { ...act.body, tag });
      return { photo: { photos, of, isKept: await isKept(sql, site, act.body.sha256) } };
    }
    case "rule.set":
      return { rule: await ruleOf(sql, site, act.body.rule) };
    case "zone.set":
      return { zone: await zoneGround(sql, site, act.body.place.trim()) };
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

/** Tags of sold things of a class, those that were sold longest ago first; without those whose names things of other sites have. */
const soldTagsOf = async (sql: Sql, site: string, name: string, quantity: number): Promise<string[]> => {
  const tags = await findSold(sql, { site, class: name, limit: quantity });
  const held = await findHeldElsewhere(
    sql,
    site,
    tags.flatMap((tag) => heldNameOf(tag) ?? []),
  );
  return tags.filter((tag) => !held.has(heldNameOf(tag) ?? ""));
};

/** Of a class that is confirmed as a whole, what nobody names besides. */
const unlabelledOf = async (
  sql: Sql,
  site: string,
  { tags, all, misprints = [] }: ConfirmTags,
  limit: number,
) =>
  all === undefined
    ? { tags: [], count: 0 }
    : findUnlabelled(sql, {
        ...{ site, class: all.class.trim(), limit },
        without: [...tags, ...misprints.map(({ tag }) => tag)].flatMap((tag) => normaliseTag(tag) ?? []),
      });

/** The tags that a confirmation took: what it said stands in one row in the log, under one trace. */
const confirmedBefore = async (sql: Sql, site: string, { epoch, pos }: Position): Promise<string[]> => {
  const rows = await sql<{ tag: string }[]>`
    select event.tag from event join event first on first.site = event.site and first.epoch = event.epoch
    where first.site = ${site} and first.epoch = ${epoch} and first.pos = ${pos}
      and event.pos >= ${pos} and event.pos < ${pos + confirmedPerActMax}
      and event.type = first.type and event.traceparent = first.traceparent and event.recorded_at = first.recorded_at
    order by event.pos`;
  return rows.map(({ tag }) => tag);
};

/** What the answer to a repeated act tells again, and no row remembers: the tags that were made, or confirmed as all of a class. */
export const findAnswered = async (
  sql: Sql,
  site: string,
  act: Act,
  { event }: Receipt,
): Promise<Ground | undefined> => {
  if (act.kind === "tags.confirm" && act.body.all !== undefined) {
    const { count } = await unlabelledOf(sql, site, act.body, 1);
    return {
      unlabelled: {
        tags: event === undefined ? [] : await confirmedBefore(sql, site, event),
        left: count,
      },
    };
  }
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
