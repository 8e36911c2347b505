import type { ReaderId, SiteId } from "@tagwire/messages";
import type { Ledger } from "../actors/ledger.ts";
import type { Repeats } from "../drivers/json/repeats.ts";
import type { Holding, Mark } from "./holding.ts";

/**
 * A reader as the spool knows it. There is one of a reader in a process while anything of it waits to be saved, however often
 * its lease went and came back: see {@link Keeper.open}.
 */
export type KeptReader = {
  readonly number: number;
  readonly site: SiteId;
  readonly id: ReaderId;
  /** Replaced at each change by what the functions of `actors/ledger.ts` make of it. */
  ledger: Ledger;
  /** What its windows hold, where something hears it. */
  holding?: () => Holding;
  /** What Postgres knows of that. */
  mark?: Mark;
  /** By what events are known again that it pushed: a save tells Postgres of those that it accounts for. */
  repeats?: Repeats;
  /** The number of the last save that told of it. */
  savedBy?: number;
};
