import { ask, type Bus } from "@tagwire/bus";
import {
  type AskItemAt,
  AskTimeline,
  Fault,
  foldItem,
  type Item,
  ItemCreated,
  itemEvents,
  positionText,
  type TimelineRow,
} from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { Static } from "typebox";
import { asOfMoment, type PastMoment, placeMoment, unknownSite } from "./as-of.ts";
import { readAtOnce } from "./read-at-once.ts";

type Question = Static<(typeof AskItemAt)["question"]>;
type Answer = Static<(typeof AskItemAt)["answer"]>;

const pageRows = 500;
/** A tag that is read every minute of a working year has fewer events that its item is made of. */
const rowsMax = 100_000;
const askTimeoutMs = 5_000;

const itemTypes: ReadonlySet<string> = new Set(itemEvents.map(({ type }) => type));

/** The events of a tag at and before a moment, newest first, back to the one that made its item. */
const readLife = async (
  bus: Bus,
  { site, tag }: Question,
  { epoch, posMax, atMs }: PastMoment,
): Promise<TimelineRow[]> => {
  const life: TimelineRow[] = [];
  let cursor: string | null = positionText({ epoch, pos: posMax + 1 });
  for (let read = 0; cursor !== null; read += pageRows) {
    if (read >= rowsMax) throw new Fault("too_large", `more than ${rowsMax} events of ${tag}`);
    const page: { rows: TimelineRow[]; next: string | null } = await ask(
      bus,
      AskTimeline,
      { site, tag, cursor, limit: pageRows },
      { timeoutMs: askTimeoutMs },
    );
    for (const row of page.rows) {
      if (row.epoch !== epoch) return life;
      const isPast = atMs === undefined || Date.parse(row.recordedAt) <= atMs;
      if (isPast && itemTypes.has(row.type)) life.push(row);
      if (row.type === ItemCreated.type) return life;
    }
    cursor = page.next;
  }
  return life;
};

/**
 * An item as it was at a moment, from its own events, which operations finds by the tag: as long as its life is, however long the
 * log is.
 *
 * @throws Fault `too_large` when it has more than {@link rowsMax} events; otherwise as {@link placeMoment}, or because operations
 * did not answer.
 */
export const answerItemAt = async (
  { bus, sql }: { readonly bus: Bus; readonly sql: Sql },
  question: Question,
  nowMs: number,
): Promise<Answer> => {
  const { site, at: moment } = question;
  const past = await readAtOnce(sql, (transaction) => placeMoment(transaction, site, { moment, nowMs }));
  if (past === undefined) return { ...unknownSite(nowMs), item: null };
  const life = await readLife(bus, question, past);
  const item = life.reduceRight<Item | undefined>(
    (before, { type, pos, data }) => foldItem(before, { type, pos: pos ?? 0, data }),
    undefined,
  );
  const newest = life.find(({ pos }) => pos !== undefined);
  const last = newest === undefined ? undefined : { pos: newest.pos ?? 0, recordedAt: newest.recordedAt };
  return { ...asOfMoment(past, last, nowMs), item: item ?? null };
};
