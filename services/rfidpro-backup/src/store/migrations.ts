import type { Migration } from "@tagwire/store";
import { rfidproArchiveKeys } from "./rfidpro-archive-keys.ts";
import { rfidproDifferences } from "./rfidpro-differences.ts";
import { rfidproImportOwner } from "./rfidpro-import-owner.ts";
import { rfidproImportRows } from "./rfidpro-import-rows.ts";
import { rfidproLeftFiles } from "./rfidpro-left-files.ts";
import { rfidproPages } from "./rfidpro-pages.ts";
import { rfidproRuns } from "./rfidpro-runs.ts";
import { rfidproTurns } from "./rfidpro-turns.ts";

/** The one schema this service owns. */
export const schema = "rfidpro_backup";

export const migrations: readonly Migration[] = [
  rfidproRuns,
  rfidproDifferences,
  rfidproPages,
  rfidproImportOwner,
  rfidproArchiveKeys,
  rfidproImportRows,
  rfidproTurns,
  rfidproLeftFiles,
];
