import { bucketOf, keptBuckets } from "@tagwire/digest";
import type { Finding, FindingCode } from "@tagwire/messages";
import { GoneMeanwhile, type SeededFault } from "./test-fault.ts";
import type { Journal, Noted } from "./test-journal.ts";

/** So many at once: of each kind fewer than an audit folds into one storm. */
const atOnce = 30;
/** A fault that meets another at the same thing, or a row that is so already, is made elsewhere, so often; then it waits for the next audits. */
const triesMax = 5;

/** A fault that was made, what its finding is called, and what it is made of: names, and the buckets that they are in. */
export type Made = {
  readonly fault: Omit<SeededFault, "seed">;
  readonly key: string;
  readonly things: ReadonlySet<string>;
  readonly words: ReadonlySet<string>;
};

/** A class is what the events come to that describe it, and only what they say names it. */
const classOf = (name: string, { data }: Noted["row"]): string[] => {
  const { class: described } = (data ?? {}) as { readonly class?: unknown };
  return name === "event" && typeof described === "string" ? [described] : [];
};

type Spoken = {
  readonly moves?: readonly { readonly contract?: string }[];
  readonly into?: string;
  readonly members?: readonly { readonly tag?: string }[];
};

/** What an event speaks of besides what it is of: contracts that a thing leaves, and what becomes one, or two again, with all that is on it. */
const spokenOf = (name: string, { data }: Noted["row"]): string[] => {
  if (name !== "event") return [];
  const { moves = [], into, members = [] } = (data ?? {}) as Spoken;
  return [...moves.map(({ contract }) => contract), into, ...members.map(({ tag }) => tag)].filter(
    (word) => word !== undefined,
  );
};

/**
 * What names a row: the values of its key, and its tag. Of a site and an epoch there is only one. Contracts and sessions are what all
 * events come to that are of them, so that one that is wrong is of these, too: what is wrong with their rows besides is called by the
 * log that does not explain them.
 */
const thingsOf = ({ name, keys, row }: Noted): string[] =>
  [
    ...keys.filter((key) => key !== "site" && key !== "epoch"),
    ...(name === "event" ? ["tag", "contract", "session"] : ["tag"]),
  ]
    .flatMap((column) => (row[column] == null ? [] : [String(row[column])]))
    .concat(classOf(name, row), spokenOf(name, row));

const made = (fault: SeededFault, key: string, noted: readonly Noted[]): Made => {
  const things = new Set([...key.split(" "), ...noted.flatMap(thingsOf)]);
  const buckets = [...things].map((thing) => String(bucketOf(thing, keptBuckets)));
  // What the row is a part of is touched, too, and others may be, besides.
  const wholes = ["bucket", "session", "contract", "scan_id"];
  const kept = noted.flatMap(({ store, row }) => [
    ...[store, `${row.epoch}:${row.pos}`],
    ...wholes.map((column) => String(row[column])),
  ]);
  return { fault, key, things, words: new Set([...things, ...buckets, ...kept]) };
};

/** Makes as many of these faults as find a thing of their own, and gives those that were made. */
export const seed = async (journal: Journal, waiting: readonly SeededFault[]): Promise<Made[]> => {
  const all: Made[] = [];
  for (const fault of waiting) {
    if (all.length === atOnce || all[0]?.fault.standsAlone) break;
    if (all.length > 0 && fault.standsAlone) continue;
    for (let tries = 0; tries < triesMax; tries += 1) {
      const [last] = await journal.noted();
      const key = await fault.seed(journal.sql).catch((error: unknown) => {
        if (error instanceof GoneMeanwhile) return undefined;
        throw error;
      });
      if (key === undefined) {
        await journal.reverse(last?.seq);
        continue;
      }
      const noted = await journal.noted(last?.seq);
      const one = made(fault, key, noted);
      const isWrongNow = noted.length > 0;
      if (isWrongNow && !all.some(({ things }) => [...one.things].some((thing) => things.has(thing)))) {
        all.push(one);
        break;
      }
      await journal.reverse(last?.seq);
    }
  }
  return all;
};

const isOf = ({ code, key }: Finding, one: Made): boolean => code === one.fault.code && key === one.key;

/** Whether a finding is what follows from a fault, at what that is about. */
const follows = ({ code, key, evidence }: Finding, { fault, key: about, words }: Made): boolean =>
  (fault.also ?? ([] as readonly FindingCode[])).includes(code) &&
  (key.split(" ").every((word) => words.has(word)) || (evidence.detail?.endsWith(` ${about}`) ?? false));

/** What an audit should have said, and what it should not have. */
export const oddities = (all: readonly Made[], findings: readonly Finding[]): string[] => [
  ...all
    .filter((one) => !findings.some((finding) => finding.state === "open" && isOf(finding, one)))
    .map(({ fault, key }) => `${fault.name}: no ${fault.code} ${key}`),
  ...findings
    .filter((finding) => !all.some((one) => isOf(finding, one) || follows(finding, one)))
    .map(
      ({ code, key, state, evidence }) => `${state} for nothing: ${code} ${key} ${JSON.stringify(evidence)}`,
    ),
];
