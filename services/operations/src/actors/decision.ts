import {
  type By,
  Fault,
  type Item,
  type ItemChange,
  type ItemSet,
  type Outcome,
  type ReceiptCode,
} from "@tagwire/messages";

/** An event as decided: everything but its place in the log. */
export type Said = {
  readonly type: string;
  readonly tag?: string;
  readonly contract?: string;
  readonly session?: string;
  readonly scanId?: string;
  readonly scannedAt?: string;
  readonly receivedAt: string;
  readonly by: By;
  readonly traceparent: string;
  readonly data: Readonly<Record<string, unknown>>;
};

/** What became of one message: its outcome, what it says, and the item as it is afterwards. */
export type Decision = {
  readonly outcome: Outcome;
  readonly code?: ReceiptCode;
  readonly message?: string;
  readonly flags: readonly string[];
  readonly said?: Said;
  /** What is said in the same breath, of other things. */
  readonly besides?: readonly Said[];
  /** The item after the decision; absent when there is none. */
  readonly item?: Item;
};

/** Where a message comes from and when; the decision itself never looks at a clock. */
export type Origin = { readonly by: By; readonly receivedAt: string; readonly traceparent: string };

/** The version that whoever changes something has read, or any (null); `versions` are all that will do, where several were named. */
export type VersionWanted = { readonly version: number | null; readonly versions?: readonly number[] };

/** @throws Fault `version_stale` when the thing is at none of the versions that its caller named. */
export const checkVersion = (
  what: string,
  at: number,
  { version, versions = version === null ? [] : [version] }: VersionWanted,
): void => {
  if (version !== null && !versions.includes(at))
    throw new Fault("version_stale", `the ${what} is at version ${at}`);
};

/** Whether something stated for this instant is older than what is known for that one; at the same instant the last word counts. */
export const isOlder = (atMs: number, known: string | null | undefined): boolean =>
  known != null && atMs < Date.parse(known);

/** The later of two instants: what a person states now counts even where a device's clock has run ahead. */
export const latestOf = (at: string, known: string | null | undefined): string =>
  known != null && isOlder(Date.parse(at), known) ? known : at;

/** What the body of one event may weigh as text: the bus takes 1 MiB with the envelope, and nothing of the site passes an event that does not fit. */
const eventBytesMax = 900_000;
export const fitsIntoEvent = (data: Readonly<Record<string, unknown>>): boolean =>
  Buffer.byteLength(JSON.stringify(data)) <= eventBytesMax;

/** The row after an event that sets these members; the same fold as every reader of the log does. */
export const withSet = (item: Item, set: ItemSet): Item =>
  Object.keys(set).length === 0 ? item : { ...item, ...set, version: item.version + 1 };

/** The body of an item event. Contracts are told what it means for them only when it means something. */
export const changeBody = (
  item: Item,
  set: ItemSet,
  { moves = [], ...rest }: Omit<ItemChange, "version" | "set" | "was">,
): ItemChange => ({
  version: withSet(item, set).version,
  set,
  was: { status: item.status, contract: item.contract, place: item.place },
  ...rest,
  ...(moves.length === 0 ? {} : { moves }),
});
