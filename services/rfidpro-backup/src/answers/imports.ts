import { answer, type Bus, type Subscription } from "@tagwire/bus";
import { AskImportRfidpro, AskPreviewRfidproImport, AskRfidproImport } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { importAsItIs } from "../importing/import-run.ts";
import type { Imports } from "../importing/keep-imports.ts";
import { previewImport } from "../importing/preview-import.ts";
import { getImportableRun } from "../store/importable-run.ts";
import { findPreview } from "../store/imports.ts";

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
  answer(bus, AskRfidproImport, async ({ run }) => ({
    import: (await importAsItIs(sql, run)) ?? null,
    preview: (await findPreview(sql, run)) ?? null,
  })),
];
