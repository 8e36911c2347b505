import { keptBuckets } from "@tagwire/digest";
import type { FindingCode } from "@tagwire/messages";

/** What holds in the record of a site, as the question that gives what breaks it. */
export type Rule = {
  readonly code: FindingCode;
  readonly entity: string;
  /** Rows `key, detail` that break it; `$1` is the site, and `$4` what {@link inPart} says. */
  readonly sql: string;
  /** What it is about grows for as long as the site lives: it is asked of some buckets at a time. */
  readonly inParts?: true;
};

/** SQL of whether a key is in one of the buckets of a rule's part (`$4`, an array), or all are meant. As the index on the bucket has it. */
export const inPart = (key: string): string =>
  `($4::int[] is null or tagwire_bucket(${key}, ${keptBuckets}) = any($4::int[]))`;
