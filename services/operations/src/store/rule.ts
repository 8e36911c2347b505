import type { FindingCode } from "@tagwire/messages";

/** What holds in the record of a site, as the question that gives what breaks it. */
export type Rule = {
  readonly code: FindingCode;
  readonly entity: string;
  /** Rows `key, detail` that break it; `$1` is the site. */
  readonly sql: string;
};
