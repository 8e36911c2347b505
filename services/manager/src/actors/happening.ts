import type { Item, LoggedEvent } from "@tagwire/messages";

/** An event, and what it made of the stock: every board reads these, so that an item is folded once. */
export type Happening = {
  readonly event: LoggedEvent;
  /** The item before and after it; both undefined when it is about none, the same object when it left the item as it was. */
  readonly before?: Item | undefined;
  readonly after?: Item | undefined;
  /** Since when the item is in its status after it; undefined when that was before the run. */
  readonly since?: string | undefined;
  /** From when on the item counts in the class and status that it has after it; undefined when it counted there before it. */
  readonly movedAt?: string | undefined;
  /** How many scans more wait in quarantine because of it; less, when negative. */
  readonly waiting: number;
};

/** What a batch brings of one site, in the site's order. */
export type SiteRun = {
  readonly site: string;
  /** The zone in which the site's days begin. */
  readonly timeZone: string;
  readonly happenings: readonly Happening[];
  /** The position of the newest event of the batch, whether or not a board is concerned by it. */
  readonly pos: number;
  /** Decides only which of the figures are still of interest to a screen, never what is stored. */
  readonly nowMs: number;
};
