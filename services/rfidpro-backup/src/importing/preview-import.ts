import { createHash } from "node:crypto";
import { ask, type Bus } from "@tagwire/bus";
import { canonicalJson } from "@tagwire/digest";
import { AskClasses, Fault, type RfidproImportPart, type RfidproImportPreview } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { countRules, isListed } from "../actors/import-rules.ts";
import { importDevice } from "../actors/operations-scan.ts";
import type { Note } from "../actors/plan-import.ts";
import { followOperations } from "../comparing/follow-operations.ts";
import { openRuledRows } from "../store/import-rows.ts";
import type { ImportedRun } from "../store/importable-run.ts";
import { findUnfinished, noteKnown, savePreview } from "../store/imports.ts";
import { stagedPages } from "../store/staged-pages.ts";
import { plannedClasses, plannedTags } from "./planned.ts";

const classesPerPage = 1_000;

const classesOf = async (bus: Bus, site: string): Promise<string[]> => {
  const classes: string[] = [];
  for (let cursor: string | null = null; ; ) {
    const page: { classes: { class: string }[]; next: string | null } = await ask(bus, AskClasses, {
      ...{ site, cursor, limit: classesPerPage },
    });
    classes.push(...page.classes.map((one) => one.class));
    if (page.next === null) return classes;
    cursor = page.next;
  }
};

/**
 * Says what an import of a pull would do, row by row counted, and changes nothing. Its digest covers everything that would be sent, so that
 * whoever confirms it confirms this and nothing else.
 *
 * @throws Fault `rfidpro.import_unfinished` when another import of the site ended early and can be gone on with: what it made may be bare
 */
export const previewImport = async (
  { bus, sql, now = Date.now }: { readonly bus: Bus; readonly sql: Sql; readonly now?: () => number },
  run: ImportedRun,
): Promise<RfidproImportPreview> => {
  const unfinished = await findUnfinished(sql, { site: run.site, run: run.id });
  if (unfinished !== undefined) throw new Fault("rfidpro.import_unfinished", `the import of ${unfinished}`);
  const { epoch } = await followOperations({ bus, sql }, run.site);
  const classes = await classesOf(bus, run.site);
  const alreadyThere = await noteKnown(sql, {
    ...{ run: run.id, site: run.site, classes },
    importedBy: importDevice,
  });
  const rules = countRules();
  const ruled = openRuledRows(sql, run.id);
  const take = ({ rule, example, identity }: Note) => {
    rules.note(rule, example);
    if (isListed(rule)) ruled.add({ rule, row: example, identity });
  };
  const hash = createHash("sha256");
  const counts = { classes: 0, items: 0, baselines: 0, history: 0, held: 0, ended: 0, leftScans: 0 };

  for await (const page of plannedClasses(sql, run)) {
    for (const planned of page) hash.update(`${canonicalJson(planned)}\n`);
    counts.classes += page.length;
  }
  for await (const page of plannedTags(sql, run)) {
    for (const { notes, leftScans, ...plan } of page) {
      hash.update(`${canonicalJson(plan)}\n`);
      for (const note of notes) take(note);
      counts.items += plan.item === null ? 0 : 1;
      counts.baselines += plan.baseline === null ? 0 : 1;
      counts.ended += plan.end === null ? 0 : 1;
      counts.leftScans += leftScans;
      if (plan.item === null && !notes.some(({ rule }) => rule === "imported_in_part"))
        counts.held += plan.history.length;
      else counts.history += plan.history.length;
    }
    await ruled.save();
  }
  for await (const page of stagedPages(sql, run.id, "items", "tagless"))
    for (const { identity, name } of page)
      take({ rule: "tag_malformed", example: name ?? identity, identity });
  for await (const page of stagedPages(sql, run.id, "transactions", "tagless"))
    for (const { identity, name } of page)
      take({ rule: "scan_malformed", example: name ?? identity, identity });

  const needs: RfidproImportPart[] = [
    ...(classes.length > 0 && counts.classes > 0 ? (["classes"] as const) : []),
    ...(alreadyThere > 0 && counts.items + counts.baselines + counts.history + counts.held > 0
      ? (["items"] as const)
      : []),
  ];
  const preview: RfidproImportPreview = {
    ...{
      run: run.id,
      site: run.site,
      digest: hash.digest("hex"),
      previewedAt: new Date(now()).toISOString(),
    },
    ...counts,
    ...{ rules: rules.report(), alreadyThere, needs },
  };
  await savePreview(sql, preview, { epoch, rows: await ruled.done() });
  return preview;
};
