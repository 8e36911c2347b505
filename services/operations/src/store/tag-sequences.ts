import { describeTag, EpcError, encodeEpc } from "@tagwire/epc";
import { Fault, type TagScheme } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { thingNameOf } from "../actors/thing-name.ts";
import { findNames } from "./thing-names.ts";

/**
 * A way to number tags: what names it for ever, the tag of a number, and every tag that would name the same thing: a GS1 code is the
 * same with each value of its filter.
 */
type Sequence = {
  readonly name: string;
  readonly tagOf: (number: bigint) => string;
  readonly twinsOf: (tag: string) => readonly string[];
};

const filters = [0, 1, 2, 3, 4, 5, 6, 7] as const;
/** In codes of 96 bits the filter is the three bits behind the header. */
const filterAt = 2;
const filterShift = 5;
const twinsOfCode = (tag: string): readonly string[] => {
  const rest = Number.parseInt(tag.slice(filterAt, filterAt + 2), 16) & ((1 << filterShift) - 1);
  return filters.map(
    (filter) =>
      tag.slice(0, filterAt) +
      ((filter << filterShift) | rest).toString(16).toUpperCase().padStart(2, "0") +
      tag.slice(filterAt + 2),
  );
};

const hexDigits = 24;
const defaultFilter = 0;

/** @throws Fault `malformed` when such a prefix cannot be part of a tag. */
const sequenceOf = (scheme: TagScheme): Sequence => {
  switch (scheme.scheme) {
    case "sgtin-96": {
      const { companyPrefix, itemReference, filter = defaultFilter } = scheme;
      return {
        name: `sgtin-96:${companyPrefix}.${itemReference}`,
        tagOf: (number) =>
          encodeEpc(`urn:epc:tag:sgtin-96:${filter}.${companyPrefix}.${itemReference}.${number}`),
        twinsOf: twinsOfCode,
      };
    }
    case "giai-96": {
      const { companyPrefix, filter = defaultFilter } = scheme;
      return {
        name: `giai-96:${companyPrefix}`,
        tagOf: (number) => encodeEpc(`urn:epc:tag:giai-96:${filter}.${companyPrefix}.${number}`),
        twinsOf: twinsOfCode,
      };
    }
    case "prefix": {
      const prefix = scheme.prefix.toUpperCase();
      return {
        // Zeros at the end of a prefix are zeros before the number: such prefixes make the same tags and share one sequence.
        name: `prefix:${prefix.replace(/0+$/, "")}`,
        tagOf: (number) => {
          const digits = number.toString();
          if (digits.length > hexDigits - prefix.length) throw new Fault("tags_exhausted", prefix);
          const tag = prefix + digits.padStart(hexDigits - prefix.length, "0");
          const { scheme: read } = describeTag(tag);
          // Whoever reads it would take it for a thing of the company whose number happens to stand there.
          if (read !== "opaque" && read !== "tid")
            throw new Fault("malformed", `${tag} reads as ${read}: choose another prefix, or a GS1 scheme`);
          return tag;
        },
        twinsOf: (tag) => [tag],
      };
    }
  }
};

/** Tags of some numbers, up to the first that the scheme has no room for. */
const tagsFrom = ({ tagOf }: Sequence, first: bigint, count: number): string[] => {
  const tags: string[] = [];
  for (let index = 0n; index < BigInt(count); index += 1n) {
    try {
      tags.push(tagOf(first + index));
    } catch (error) {
      if (error instanceof Fault && error.code === "tags_exhausted") return tags;
      if (error instanceof EpcError && error.code === "epc_out_of_range") return tags;
      if (error instanceof EpcError) throw new Fault("malformed", error.message, { cause: error });
      throw error;
    }
  }
  return tags;
};

/** Numbers are taken at once and never given back: a gap costs nothing, a number given twice costs a thing its name. */
const reserve = async (sql: Sql, name: string, count: number): Promise<bigint> => {
  const [row] = await sql<[{ first: string }]>`
    insert into tag_sequence (sequence, next) values (${name}, ${count + 1})
    on conflict (sequence) do update set next = tag_sequence.next + ${count}
    returning (next - ${count})::text as first`;
  return BigInt(row.first);
};

/** Tags that are on an item of any site, or that scans wait for, or whose twin is, or whose name a thing has: somebody uses them already. */
const findUsed = async (
  sql: Sql,
  { twinsOf }: Sequence,
  tags: readonly string[],
): Promise<ReadonlySet<string>> => {
  const twins = new Map(tags.flatMap((tag) => twinsOf(tag).map((twin) => [twin, tag] as const)));
  const names = new Map(
    tags.flatMap((tag) => {
      const name = thingNameOf(tag);
      return name === null ? [] : [[name, tag] as const];
    }),
  );
  const rows = await sql<{ tag: string }[]>`
    select tag from unnest(${[...twins.keys()]}::text[]) as given (tag)
    where exists (select 1 from item where item.tag = given.tag)
      or exists (select 1 from quarantine where quarantine.tag = given.tag and released_at is null)`;
  const used = new Set(rows.flatMap(({ tag }) => twins.get(tag) ?? []));
  const taken = await findNames(sql, [...names.keys()]);
  return new Set([...used, ...taken.flatMap((name) => names.get(name) ?? [])]);
};

/** How often a run of numbers that are all used already is skipped before the sequence counts as exhausted. */
const skipsMax = 20;

/**
 * New tags of a scheme that nobody uses, on any site: as many as were asked for, or fewer when the sequence ends.
 *
 * @throws Fault `malformed` when the prefix, reference or filter cannot be part of such a tag.
 */
export const reserveTags = async (sql: Sql, scheme: TagScheme, quantity: number): Promise<string[]> => {
  const sequence = sequenceOf(scheme);
  const free: string[] = [];
  for (let tries = 0; tries < skipsMax && free.length < quantity; tries += 1) {
    const count = quantity - free.length;
    const first = await reserve(sql, sequence.name, count);
    const tags = tagsFrom(sequence, first, count);
    const used = await findUsed(sql, sequence, tags);
    free.push(...tags.filter((tag) => !used.has(tag)));
    if (tags.length < count) break;
  }
  return free;
};
