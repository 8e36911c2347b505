import {
  type FilterMember,
  Instant,
  type LiveFilter,
  type LiveView,
  liveViewOf,
  normaliseTag,
  type ScanMark,
} from "@tagwire/messages";
import { Compile } from "typebox/compile";
import { type Change, goneOf } from "./delta.ts";

/** A filter as it is understood: what each member that says anything lets through. Empty, it lets everything through. */
export type Filter = Readonly<Record<string, readonly string[]>>;
export const noFilter: Filter = {};

/** A filter, or which of its members is wrong and why. */
export type FilterRead =
  | { readonly filter: Filter }
  | { readonly wrong: { readonly member: string; readonly message: string } };

const instantCheck = Compile(Instant);

const listOf = (text: string): string[] =>
  text
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");

const wantedOf = (
  { how, isTag, families = {} }: FilterMember,
  text: string,
): readonly string[] | undefined => {
  if (how === "among" || how === "typed")
    return listOf(text).flatMap((word) => (Object.hasOwn(families, word) ? (families[word] ?? []) : [word]));
  if (text === "") return [];
  if (how === "until") {
    const atMs = instantCheck.Check(text) ? Date.parse(text) : Number.NaN;
    return Number.isNaN(atMs) ? undefined : [new Date(atMs).toISOString()];
  }
  if (isTag !== true) return [text];
  const tag = normaliseTag(text);
  return tag === undefined ? undefined : [tag];
};

/**
 * What a filter means, for every road by which one comes: lists over HTTP, the WebSocket, server-sent events. A member without text
 * filters nothing; tags are taken in the form under which they are known. The text of each was checked by the schema.
 */
export const readFilter = (view: LiveView, given: LiveFilter): FilterRead => {
  const declared = liveViewOf(view).filter;
  const filter: Record<string, readonly string[]> = {};
  for (const [member, text] of Object.entries(given).sort(([one], [other]) => (one < other ? -1 : 1))) {
    const declaration = Object.hasOwn(declared, member) ? declared[member] : undefined;
    if (declaration === undefined) return wrong(member, `is no filter of the view ${view}`);
    const wanted = wantedOf(declaration, text);
    if (wanted === undefined)
      return wrong(
        member,
        declaration.how === "until"
          ? "must be an instant as RFC 3339 has it"
          : "must be a tag: 1 to 64 printable characters",
      );
    const { known, families = {} } = declaration;
    if (known !== undefined && !wanted.every((one) => known.includes(one)))
      return wrong(member, `must be one of ${[...Object.keys(families), ...known].join(", ")}`);
    if (wanted.length > 0) filter[member] = wanted;
  }
  return { filter };
};
const wrong = (member: string, message: string): FilterRead => ({ wrong: { member, message } });

/** Two filters of a view that let the same through have the same name. */
export const filterName = (filter: Filter): string => JSON.stringify(Object.entries(filter));

/** What the owner of rows is asked for by, so that it need not read those that nobody wants. */
export const questionOf = ({ status, state, class: className, place, tag, q, mark, until }: Filter) => ({
  ...(status === undefined ? {} : { status: [...status] }),
  ...(state === undefined ? {} : { state: [...state] }),
  ...(className?.[0] === undefined ? {} : { class: className[0] }),
  ...(place?.[0] === undefined ? {} : { place: place[0] }),
  ...(tag?.[0] === undefined ? {} : { tag: tag[0] }),
  ...(q?.[0] === undefined ? {} : { q: q[0] }),
  ...(mark?.[0] === undefined ? {} : { mark: mark[0] as ScanMark }),
  ...(until?.[0] === undefined ? {} : { until: until[0] }),
});

type Row = Readonly<Record<string, unknown>>;
type Test = (key: string, row: Row) => boolean;

const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value)
    ? value.filter((one) => typeof one === "string")
    : [typeof value === "string" ? value : ""];
const withoutVersion = (type: string): string => type.replace(/\.v\d+$/, "");

const testOf = ({ how, of }: FilterMember, wanted: readonly string[]): Test => {
  const texts = new Set(how === "within" ? wanted.map((text) => text.toLowerCase()) : wanted);
  const fits = (text: string): boolean => {
    // Instants of rows, and what is wanted, are all in the one spelling that sorts by time.
    if (how === "until") return text !== "" && [...texts].every((latest) => text <= latest);
    if (how === "within") return [...texts].every((part) => text.toLowerCase().includes(part));
    return texts.has(text) || (how === "typed" && texts.has(withoutVersion(text)));
  };
  return (key, row) => of.some((member) => (member === "key" ? [key] : textsOf(row[member])).some(fits));
};

const testsOf = (view: LiveView, filter: Filter) =>
  Object.entries(filter).flatMap(([name, wanted]) => {
    const member = liveViewOf(view).filter[name];
    return member === undefined ? [] : [{ member, test: testOf(member, wanted) }];
  });

/** Whether a row of a snapshot is wanted. */
export const rowTest = (view: LiveView, filter: Filter): ((row: Row & { key: string }) => boolean) => {
  const tests = testsOf(view, filter);
  return (row) => tests.every(({ test }) => test(row.key, row));
};

export type Sieve = (changes: readonly Change[]) => readonly Change[];

/**
 * What of a delta somebody gets who asked for a part of a view.
 *
 * Rows that meet the filter are put; any other is told as gone, since it may have met the filter before. What can never have
 * met it, because it never changes in what it is filtered by, is left out.
 */
export const sieveOf = (view: LiveView, filter: Filter): Sieve => {
  const tests = testsOf(view, filter);
  if (tests.length === 0) return (changes) => changes;
  const fixed = tests.filter(({ member }) => member.isFixed === true);
  const byKey = fixed.filter(({ member }) => member.of.every((of) => of === "key"));
  const passes = (some: typeof tests, { key, row = {} }: Change): boolean =>
    some.every(({ test }) => test(key, row));
  return (changes) =>
    changes
      // Of a row that is gone nothing is known but its key.
      .filter((change) => passes(change.row === undefined ? byKey : fixed, change))
      .map((change) => (change.row === undefined || passes(tests, change) ? change : goneOf(change)));
};
