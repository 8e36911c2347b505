import type { ItemStatus, PullVerdict, RfidproDataset } from "@tagwire/messages";

/** A row as RFIDpro gave it, untouched. */
export type RawRow = Readonly<Record<string, unknown>>;

/** What is odd about one field of a row, and what was made of it. Nothing is repaired without saying so. */
export type Oddity = {
  readonly field: string;
  /** Such as `status_unknown`, `epc_in_status`, `null_as_text`, `no_date`, `date_is_tag`, `date_unreadable`, `tag_malformed`. */
  readonly code: string;
  readonly given: string;
};

type Normalised = {
  /** SHA-256 in hex of what names the row; two rows of one pull that say the same have different ones by their occurrence. */
  readonly identity: string;
  /** SHA-256 in hex of everything it says: another one under the same identity is a changed row. */
  readonly content: string;
  readonly oddities: readonly Oddity[];
};

export type ClassRow = Normalised & {
  readonly rentalClass: string;
  readonly name: string;
  readonly bin: string | null;
};

export type ItemRow = Normalised & {
  /** In its one form; null where what stands there can be no tag. */
  readonly tag: string | null;
  readonly serial: string | null;
  readonly rentalClass: string | null;
  readonly name: string | null;
  readonly quality: string | null;
  /** A shelf, where the bin is one; a role of the thing (`resale`, `pack`, `sold`, `burst`) is apart. */
  readonly place: string | null;
  readonly role: string | null;
  /** Null where the status is none that is known. */
  readonly status: ItemStatus | null;
  readonly contract: string | null;
  readonly scannedBy: string | null;
  /** In ms since 1970, read in the time zone of the settings; null for no date, or none that can be read. */
  readonly lastScannedAtMs: number | null;
  readonly notes: string | null;
};

export type TransactionRow = Normalised & {
  readonly tag: string | null;
  /** `rental`, `return`, `delivery`, `pickup`, `touch`; null where it is none of them. */
  readonly type: string | null;
  readonly contract: string | null;
  readonly rentalClass: string | null;
  readonly name: string | null;
  readonly status: ItemStatus | null;
  readonly quality: string | null;
  readonly place: string | null;
  readonly role: string | null;
  readonly scannedBy: string | null;
  /** By the scanner's clock, read in the time zone of the settings. */
  readonly scannedAtMs: number | null;
  /** When RFIDpro took it, UTC: the only cursor. */
  readonly createdAtMs: number | null;
  /** Each flag that is said, true or false; one that is not said is not there. */
  readonly condition: Readonly<Record<string, boolean>>;
  readonly other: string | null;
  readonly notes: string | null;
  /** Where it was mended, or is to be. Rows that were staged before this was read have none. */
  readonly repairPlace?: string | null;
  readonly serial?: string | null;
};

/** What RFIDpro was found to honour, asked at the start of a run. */
export type Capability = {
  readonly filter: boolean;
  readonly sort: boolean;
  /** Rows in one answer at most. */
  readonly rowsMax: number;
};

/** One answer of RFIDpro. `body` is its text, byte by byte, for the archive. */
export type PulledPage = {
  readonly dataset: RfidproDataset;
  readonly pass: number;
  /** From which row on it was asked for. Its first rows are the last ones of the answer before, asked for once more. */
  readonly offset: number;
  readonly total: number;
  /** Those of its rows that were not in the answer before. */
  readonly rows: readonly RawRow[];
  readonly body: string;
  readonly receivedAt: string;
};

/** How a data set was read to its end, or was not. */
export type PullOutcome = {
  readonly dataset: RfidproDataset;
  readonly verdict: PullVerdict;
  /** Why it is not complete, in words. */
  readonly why: string | null;
  readonly rows: number;
  readonly total: number | null;
  readonly pages: number;
  readonly requests: number;
  readonly passes: number;
  readonly capability: Capability | null;
  /** The window in RFIDpro's time that was asked for; `since` is null where everything was. */
  readonly since: string | null;
  readonly until: string;
};
