import { describeTag, EpcError, encodeEpc, thingNameOf } from "@tagwire/epc";
import { Fault, isTrainingSite, type TagScheme } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { countedWith, findNames } from "./thing-names.ts";

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
          if (read !== "opaque")
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

/** Tags whose name a thing of any of these sites has: most of those that are used, and found by far the sooner. */
const findNamed = async (sql: Sql, site: string, tags: readonly string[]): Promise<string[]> => {
  const named = tags.map((tag) => ({ tag, name: thingNameOf(tag) }));
  const taken = new Set(
    await findNames(
      sql,
      site,
      named.flatMap(({ name }) => name ?? []),
    ),
  );
  return named.flatMap(({ tag, name }) => (name !== null && taken.has(name) ? [tag] : []));
};

/** Tags that are on an item of any of these sites, or that scans wait for, or whose twin is, or whose name a thing has: somebody uses them already. */
const findUsed = async (
  sql: Sql,
  site: string,
  { twinsOf }: Sequence,
  tags: readonly string[],
): Promise<ReadonlySet<string>> => {
  const used = new Set(await findNamed(sql, site, tags));
  const others = tags.filter((tag) => !used.has(tag));
  if (others.length === 0) return used;
  const twins = new Map(others.flatMap((tag) => twinsOf(tag).map((twin) => [twin, tag] as const)));
  const rows = await sql<{ tag: string }[]>`
    select tag from unnest(${[...twins.keys()]}::text[]) as given (tag)
    where exists (select 1 from item where item.tag = given.tag and ${countedWith(sql, site)})
      or exists (select 1 from quarantine where quarantine.tag = given.tag and released_at is null and ${countedWith(sql, site)})`;
  return new Set([...used, ...rows.flatMap(({ tag }) => twins.get(tag) ?? [])]);
};

/** How many numbers are looked at in one go for the first that nobody uses, and in all for one order of tags. */
const lookedAtOnce = 2_000;
const lookedAtMax = 50_000;

/** How many numbers from one on are used without a gap; as many as are looked at where there is no end to them. */
const usedFrom = async (
  sql: Sql,
  { site, sequence, first, most }: { site: string; sequence: Sequence; first: bigint; most: number },
): Promise<number> => {
  for (let past = 0; past < most; past += lookedAtOnce) {
    const tags = tagsFrom(sequence, first + BigInt(past), lookedAtOnce);
    const used = await findUsed(sql, site, sequence, tags);
    const free = tags.findIndex((tag) => !used.has(tag));
    if (free >= 0) return past + free;
    if (tags.length < lookedAtOnce) return past + tags.length;
  }
  return most;
};

/** Goes on at a number, unless somebody took later ones meanwhile. */
const skipTo = (sql: Sql, name: string, next: bigint) =>
  sql`update tag_sequence set next = greatest(next, ${next.toString()}::bigint) where sequence = ${name}`;

/**
 * New tags of a scheme that nobody uses, on any real site: as many as were asked for, or fewer when the sequence ends. Numbers that a house
 * gave before it came here are passed over as a whole, however few tags are asked for.
 *
 * @throws Fault `malformed` when the prefix, reference or filter cannot be part of such a tag.
 */
export const reserveTags = async (
  sql: Sql,
  site: string,
  scheme: TagScheme,
  quantity: number,
): Promise<string[]> => {
  const own = sequenceOf(scheme);
  const sequence = isTrainingSite(site) ? { ...own, name: `${site} ${own.name}` } : own;
  const free: string[] = [];
  let lookedAt = 0;
  while (lookedAt < lookedAtMax && free.length < quantity) {
    const count = quantity - free.length;
    const first = await reserve(sql, sequence.name, count);
    const tags = tagsFrom(sequence, first, count);
    const used = await findUsed(sql, site, sequence, tags);
    free.push(...tags.filter((tag) => !used.has(tag)));
    if (tags.length < count) break;
    lookedAt += count;
    if (used.size < tags.length) continue;
    const next = first + BigInt(count);
    const past = await usedFrom(sql, { site, sequence, first: next, most: lookedAtMax - lookedAt });
    await skipTo(sql, sequence.name, next + BigInt(past));
    lookedAt += past;
  }
  return free;
};
