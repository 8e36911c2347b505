import type { Bus } from "@tagwire/bus";
import type { RfidproImport } from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import type { Sql } from "@tagwire/store";

/** With what imports are carried out. */
export type Importing = {
  readonly bus: Bus;
  readonly sql: Sql;
  readonly log: Logger;
  readonly now?: () => number;
};

/** An import, and who carries it out. */
export type OwnedImport = { readonly import: RfidproImport; readonly owner: string };
