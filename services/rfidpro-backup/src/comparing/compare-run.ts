import { createHash } from "node:crypto";
import type { Bus } from "@tagwire/bus";
import {
  Fault,
  newId,
  type PullVerdict,
  type RfidproAgreement,
  type RfidproComparison,
  type RfidproDifference,
} from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import type { Sql } from "@tagwire/store";
import { createTally } from "../actors/agreement.ts";
import { compareTag, isTouchedInside, malformedRow, type TagSides } from "../actors/compare-tag.ts";
import { couldTell } from "../actors/could-tell.ts";
import { baselineIdOf } from "../actors/deterministic-id.ts";
import type { Look } from "../actors/difference-life.ts";
import { silentDays } from "../actors/gates.ts";
import { windowOf } from "../actors/pull-window.ts";
import type { PullOutcome } from "../actors/rows.ts";
import { saveComparison } from "../store/comparisons.ts";
import { forgetSeen, listOfRun } from "../store/differences.ts";
import { findKeptItems, findScans } from "../store/operations-side.ts";
import { findOldScanners, findQuietSince, nextTags, stagedOf, stagedPages } from "../store/staged-pages.ts";
import { followOperations } from "./follow-operations.ts";
import { keepFound, letGo, type Sighted } from "./keep-found.ts";

/** Tags that are compared at once: all that either side has of them is held. */
const tagsPerPage = 250;
const hashedPerPage = 1_000;
const dayMs = 86_400_000;

export type Comparing = {
  readonly bus: Bus;
  readonly sql: Sql;
  readonly log: Logger;
  readonly now?: () => number;
  readonly signal?: AbortSignal;
  /** So long after a comparison what was pending is looked at again by itself, in ms; undefined where it never is. */
  readonly recheckAfterMs?: number | undefined;
};

/** A pull that has ended, with its rows staged. */
export type ComparedRun = {
  readonly id: string;
  readonly site: string;
  readonly verdict: PullVerdict;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly outcomes: readonly Pick<PullOutcome, "dataset" | "verdict" | "since" | "until" | "capability">[];
  readonly manifest: string | null;
  /** When what is pending is decided by itself; null where it is not. */
  readonly recheckAt: string | null;
};

/** What a comparison came to. */
export type Compared = { readonly differences: number; readonly agreement: RfidproAgreement };

/** SHA-256 over what a run saw, in the order of ids, and how many that is. */
const hashSeen = async (sql: Sql, run: string): Promise<{ count: number; hash: string }> => {
  const hash = createHash("sha256");
  let count = 0;
  for (let after: string | undefined; ; ) {
    const page = (await listOfRun(sql, run, { limit: hashedPerPage, after })).slice(0, hashedPerPage);
    const last = page.at(-1);
    if (last === undefined) return { count, hash: hash.digest("hex") };
    for (const { fingerprint, signature } of page) hash.update(`${fingerprint} ${signature}\n`);
    count += page.length;
    after = last.id;
  }
};

/**
 * Compares what a pull has staged with what operations' log says at its head, tag by tag, and keeps each difference for review. Nothing is
 * applied on either side.
 *
 * What something happened to since shortly before the pull began is pending; all else was the same throughout, so that the head speaks for the
 * window. What is not whole tells nothing missing, and a run lets go only what it could have told.
 * A comparison that was cut short may be begun again: what it saw before counts once.
 *
 * @throws Fault `rfidpro.not_compared` when nothing of items or scans is there to compare
 */
export const compareRun = async (comparing: Comparing, run: ComparedRun): Promise<Compared> => {
  const { bus, sql, log, signal, now = Date.now } = comparing;
  if (!run.outcomes.some(({ dataset }) => dataset !== "classes"))
    throw new Fault("rfidpro.not_compared", "neither items nor transactions were pulled");
  const { id, site } = run;
  const startedAtMs = now();
  const position = await followOperations({ bus, sql }, site, signal);
  const window = windowOf(run.outcomes, {
    ...{ fromMs: Date.parse(run.startedAt), toMs: now() },
    quietSinceMs: await findQuietSince(sql, id),
  });
  await forgetSeen(sql, id);
  const { recheckAt } = run;
  const look: Look = { run: id, site, at: new Date(startedAtMs).toISOString(), recheckAt, nextId: newId };
  const tally = createTally();

  const sidesOf = async (tags: readonly string[]): Promise<TagSides[]> => {
    const [items, transactions, kept, scans] = await Promise.all([
      stagedOf(sql, id, "items", tags),
      stagedOf(sql, id, "transactions", tags),
      findKeptItems(sql, site, tags),
      findScans(sql, site, tags),
    ]);
    return tags.map((tag) => {
      const baseline = baselineIdOf(site, tag);
      return {
        ...{ tag, items: items.get(tag) ?? [], transactions: transactions.get(tag) ?? [] },
        item: kept.get(tag),
        scans: (scans.get(tag) ?? []).filter((scan) => scan.id !== baseline),
      };
    });
  };

  const compareTags = async (tags: readonly string[]) => {
    const sighted: Sighted[] = [];
    for (const sides of await sidesOf(tags)) {
      const compared = compareTag(sides, window);
      tally.addTag(compared);
      for (const found of compared.found) sighted.push({ found, isPending: compared.pending.has(found) });
    }
    await keepFound(sql, sighted, look);
  };

  const unsettledOf = async (differences: readonly RfidproDifference[]): Promise<ReadonlySet<string>> => {
    const tags = [...new Set(differences.flatMap(({ tag }) => tag ?? []))];
    const touched = new Set<string>();
    for (let from = 0; from < tags.length; from += tagsPerPage)
      for (const sides of await sidesOf(tags.slice(from, from + tagsPerPage)))
        if (isTouchedInside(sides, window)) touched.add(sides.tag);
    const classes = tally.unsettled();
    const isUnsettled = ({ kind, key, tag }: RfidproDifference) =>
      kind === "class" ? classes.has(key) : tag !== null && touched.has(tag);
    return new Set(differences.filter(isUnsettled).map((one) => one.id));
  };

  for (let after: string | null = null; ; ) {
    signal?.throwIfAborted();
    const tags: string[] = await nextTags(sql, id, { site, after, limit: tagsPerPage });
    const last = tags.at(-1);
    if (last === undefined) break;
    await compareTags(tags);
    after = last;
  }

  for (const [dataset, kind] of [
    ["items", "item"],
    ["transactions", "scan"],
  ] as const)
    for await (const page of stagedPages(sql, id, dataset, "tagless")) {
      const found = page.map((row) => malformedRow(kind, row));
      for (const one of found) tally.addFault(one);
      await keepFound(
        sql,
        found.map((one) => ({ found: one, isPending: false })),
        look,
      );
    }

  // How many there are of a class can only be told where all of them were read.
  const quantities = window.itemsComplete ? tally.quantities() : [];
  await keepFound(
    sql,
    quantities.map((found) => ({ found, isPending: tally.unsettled().has(found.key) })),
    look,
  );
  const told = couldTell({ items: window.itemsComplete, transactions: window.transactionsComplete });
  await letGo(sql, { told, unsettled: unsettledOf }, look);

  const agreement = tally.agreement();
  const seen = await hashSeen(sql, id);
  const comparison: RfidproComparison = {
    ...{ run: id, site, comparedAt: look.at, verdict: run.verdict, position, agreement },
    window: { from: run.startedAt, to: run.endedAt },
    isComplete: { items: window.itemsComplete, transactions: window.transactionsComplete },
    capability: run.outcomes.find(({ capability }) => capability !== null)?.capability ?? null,
    manifest: run.manifest,
    oldScanners: window.transactionsComplete
      ? await findOldScanners(sql, id, Date.parse(run.startedAt) - silentDays * dayMs)
      : null,
    differences: seen.count,
    differencesHash: seen.hash,
  };
  await saveComparison(sql, comparison);
  log.info(
    { run: id, site, position, differences: seen.count, agreement, tookMs: now() - startedAtMs },
    "compared the old system with operations",
  );
  return { differences: seen.count, agreement };
};
