import { thingNameOf } from "@tagwire/epc";
import type { DefineClass } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { planClass } from "../actors/plan-class.ts";
import { planTag, type TagPlan } from "../actors/plan-import.ts";
import type { ImportedRun } from "../store/importable-run.ts";
import { findKnownKeys } from "../store/imports.ts";
import { nextTags, stagedOf, stagedPages } from "../store/staged-pages.ts";

/** Tags whose plans are made at once. */
const tagsPerPage = 250;

export type PlannedClass = { readonly class: string; readonly define: DefineClass };

/** The classes that an import describes, page by page; those that the site has are left alone. */
export async function* plannedClasses(sql: Sql, run: ImportedRun): AsyncGenerator<readonly PlannedClass[]> {
  const taken = new Set<string>();
  for await (const rows of stagedPages(sql, run.id, "classes", "all")) {
    const planned = rows.flatMap((row) => planClass(row) ?? []);
    const known = await findKnownKeys(
      sql,
      run.id,
      "class",
      planned.map((one) => one.class),
    );
    yield planned.filter(({ class: name }) => {
      const isNew = !known.has(name) && !taken.has(name);
      taken.add(name);
      return isNew;
    });
  }
}

/**
 * What an import sends of each tag, page by page in the order of tags. It follows from what is staged and from what the site had when
 * the import was previewed, and from nothing else: planned again it is the same.
 */
export async function* plannedTags(sql: Sql, run: ImportedRun): AsyncGenerator<readonly TagPlan[]> {
  const window = { fromMs: Date.parse(run.startedAt), toMs: Date.parse(run.endedAt) };
  /** The first tag of each thing that GS1 names: one entry for each such item, and the only thing here that grows with them. */
  const carriers = new Map<string, string>();
  for (let after: string | null = null; ; ) {
    const tags: string[] = await nextTags(sql, run.id, { site: null, after, limit: tagsPerPage });
    const last = tags.at(-1);
    if (last === undefined) return;
    const [items, transactions, known, imported, bare] = await Promise.all([
      stagedOf(sql, run.id, "items", tags),
      stagedOf(sql, run.id, "transactions", tags),
      findKnownKeys(sql, run.id, "item", tags),
      findKnownKeys(sql, run.id, "imported", tags),
      findKnownKeys(sql, run.id, "bare", tags),
    ]);
    yield tags.map((tag) => {
      const name = items.has(tag) ? thingNameOf(tag) : null;
      const twin = name === null ? undefined : carriers.get(name);
      if (name !== null && twin === undefined) carriers.set(name, tag);
      return planTag({
        ...{ site: run.site, tag, window, twin, isThere: known.has(tag) },
        imported: imported.has(tag) ? "whole" : bare.has(tag) ? "bare" : null,
        items: items.get(tag) ?? [],
        transactions: transactions.get(tag) ?? [],
      });
    });
    after = last;
  }
}
