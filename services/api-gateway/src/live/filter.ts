import { type ItemFilter, type LiveView, storableText } from "@tagwire/messages";
import Type from "typebox";
import { type Change, goneOf } from "./delta.ts";

const storable = (lengthMax: number, description: string) =>
  Type.Optional(Type.String({ maxLength: lengthMax, pattern: storableText, description }));

/** {@link ItemFilter} of text that may be looked for in a database. */
export const StorableFilter = Type.Object(
  {
    status: storable(200, "one status, or several with commas"),
    class: storable(120, "rental class"),
    place: storable(64, "where it is"),
    tag: storable(64, "the tag"),
    q: storable(100, "part of a tag, a name or a class"),
  } satisfies typeof ItemFilter.properties,
  { additionalProperties: false },
);

type Row = Readonly<Record<string, unknown>>;
type Test = (row: Row) => boolean;

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

export const statusesOf = (text: string): string[] =>
  text
    .split(",")
    .map((status) => status.trim())
    .filter((status) => status !== "");

const testsOf = (filter: ItemFilter): Test[] => {
  const tests: Test[] = [];
  const { status, q } = filter;
  if (status !== undefined) {
    const statuses = new Set(statusesOf(status));
    tests.push((row) => statuses.has(textOf(row.status)));
  }
  if (filter.class !== undefined) tests.push((row) => row.class === filter.class);
  if (filter.place !== undefined) tests.push((row) => row.place === filter.place);
  if (filter.tag !== undefined) tests.push((row) => row.tag === filter.tag);
  if (q !== undefined && q !== "") {
    const wanted = q.toLowerCase();
    tests.push((row) =>
      [row.tag, row.name, row.class].some((text) => textOf(text).toLowerCase().includes(wanted)),
    );
  }
  return tests;
};

export type Sieve = (changes: readonly Change[]) => readonly Change[];
const everything: Sieve = (changes) => changes;

/**
 * What of a delta somebody gets who asked for a part of a view.
 *
 * Items that meet the filter are put; any other is told as gone, since it may have met the filter before. Events happened
 * once, so those of other tags are left out. The dashboard and the readers are whole views.
 */
export const sieveOf = (view: LiveView, filter: ItemFilter | undefined): Sieve => {
  if (filter === undefined || Object.keys(filter).length === 0) return everything;
  if (view === "events") {
    const { tag } = filter;
    return tag === undefined ? everything : (changes) => changes.filter(({ row }) => row?.tag === tag);
  }
  if (view !== "items") return everything;
  const tests = testsOf(filter);
  return (changes) =>
    changes
      .filter(({ key }) => filter.tag === undefined || key === filter.tag)
      .map((change) =>
        change.row === undefined || tests.every((test) => test(change.row ?? {})) ? change : goneOf(change),
      );
};
