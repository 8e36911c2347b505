import { answer, type Bus, type Subscription } from "@tagwire/bus";
import {
  AskImportRfidpro,
  AskPreviewRfidproImport,
  AskRfidproImport,
  AskRfidproImportRows,
} from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { whatIsDoneWith } from "../actors/import-rules.ts";
import { importAsItIs } from "../importing/import-run.ts";
import type { Imports } from "../importing/keep-imports.ts";
import { previewImport } from "../importing/preview-import.ts";
import { listImportRows } from "../store/import-rows.ts";
import { getImportableRun } from "../store/importable-run.ts";
import { findPreview } from "../store/imports.ts";
import { readRowsCursor, writeRowsCursor } from "./cursor.ts";

/** What is asked of imports. */
export const answerImports = (
  bus: Bus,
  { sql, imports }: { readonly sql: Sql; readonly imports: Imports },
): readonly Subscription[] => [
  answer(bus, AskPreviewRfidproImport, async ({ run: id }) => {
    const run = await getImportableRun(sql, id);
    // Once an import was confirmed the site is no more what it was before: its preview stays what was confirmed.
    const before = (await importAsItIs(sql, id)) === undefined ? undefined : await findPreview(sql, id);
    return { preview: before ?? (await previewImport({ bus, sql }, run)) };
  }),
  answer(bus, AskImportRfidpro, async ({ run: id, digest, by, add = [] }) => ({
    import: await imports.begin(await getImportableRun(sql, id), { digest, by, add }),
  })),
  answer(bus, AskRfidproImportRows, async ({ run, limit, cursor }) => {
    const found = await listImportRows(sql, run, { after: readRowsCursor(cursor), limit });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return {
      rows: page.map(({ rule, row, identity }) => ({ rule, what: whatIsDoneWith(rule), row, identity })),
      next: found.length > limit && last !== undefined ? writeRowsCursor(last) : null,
    };
  }),
  answer(bus, AskRfidproImport, async ({ run }) => ({
    import: (await importAsItIs(sql, run)) ?? null,
    preview: (await findPreview(sql, run)) ?? null,
  })),
];
