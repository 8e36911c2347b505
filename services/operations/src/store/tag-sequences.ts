import { EpcError, encodeEpc } from "@tagwire/epc";
import { Fault, type TagScheme } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";

/** A way to number tags: what names it for ever, and the tag of a number. */
type Sequence = { readonly name: string; readonly tagOf: (number: bigint) => string };

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
      };
    }
    case "giai-96": {
      const { companyPrefix, filter = defaultFilter } = scheme;
      return {
        name: `giai-96:${companyPrefix}`,
        tagOf: (number) => encodeEpc(`urn:epc:tag:giai-96:${filter}.${companyPrefix}.${number}`),
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
          return prefix + digits.padStart(hexDigits - prefix.length, "0");
        },
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
      if (error instanceof Fault) return tags;
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

/** Tags that are on an item of any site, or that scans wait for: somebody uses them already. */
const findUsed = async (sql: Sql, tags: readonly string[]): Promise<ReadonlySet<string>> => {
  const rows = await sql<{ tag: string }[]>`
    select tag from unnest(${tags as string[]}::text[]) as given (tag)
    where exists (select 1 from item where item.tag = given.tag)
      or exists (select 1 from quarantine where quarantine.tag = given.tag and released_at is null)`;
  return new Set(rows.map(({ tag }) => tag));
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
    const used = await findUsed(sql, tags);
    free.push(...tags.filter((tag) => !used.has(tag)));
    if (tags.length < count) break;
  }
  return free;
};
