import type postgres from "postgres";
import { busyLike, GoneMeanwhile, isPast, type SeededFault } from "./test-fault.ts";

type Row = { readonly key: string };

/** The first of what a seed has changed on both sides: the same there and there, so that their sums agree. */
const onBoth =
  (pick: string, change: (side: "operations" | "manager", key: string) => string) =>
  async (sql: postgres.Sql): Promise<string> => {
    const [row] = await sql.unsafe<Row[]>(
      `select key from (${pick}) there where key not like '${busyLike}' order by random() limit 1`,
    );
    if (row === undefined) throw new Error(`there is nothing to make wrong: ${pick}`);
    for (const side of ["operations", "manager"] as const) {
      const { count } = await sql.unsafe(change(side, row.key.replaceAll("'", "''")));
      if (count === 0) throw new GoneMeanwhile(`there is no ${row.key} in ${side}`);
    }
    return row.key;
  };

const item = (name: string, code: SeededFault["code"], set: string, where = "true"): SeededFault => ({
  name,
  code,
  seed: onBoth(
    `select tag as key from operations.item where ${where}`,
    (side, key) => `update ${side}.item set ${set} where tag = '${key}'`,
  ),
});

/** The whole of a thing as it is kept beside what is looked for: each side has a name of its own for it. */
const wholeNames = { operations: "doc", manager: undefined } as const;
const changes = { contract: '{"client": "Mallory"}', session: '{"people": ["mallory"]}' } as const;
const whole = (side: "operations" | "manager", entity: keyof typeof changes): string => {
  const column = wholeNames[side] ?? entity;
  return `${column} = ${column} || '${changes[entity]}'`;
};

/** A field of the whole of a contract, the same on both sides. */
const contract = (name: string, path: string, value: string, where: string): SeededFault => ({
  name,
  code: "state_unexplained",
  also: ["contract_quantity"],
  seed: onBoth(`select number as key from operations.contract where ${where}`, (side, key) => {
    const column = wholeNames[side] ?? "contract";
    return `update ${side}.contract set ${column} = jsonb_set(${column}, '${path}', '${value}') where number = '${key}'`;
  }),
});

/** Rows that are gone on both sides, and that nothing else hangs on. */
const gone = (
  name: string,
  pick: string,
  place: (side: "operations" | "manager") => string,
): SeededFault => ({
  name,
  code: "orphan_history",
  seed: onBoth(pick, (side, key) => `delete from ${side}.${place(side)} = '${key}'`),
});

const isIdle = "status = 'ready' and contract is null";

/** What is wrong in the same way on both sides: only the events of a thing, or what belongs together, can tell it. */
export const faultsOnBothSides: readonly SeededFault[] = [
  item("both sides call a thing otherwise", "state_unexplained", "name = 'another name'"),
  item("both sides have a thing somewhere else", "state_unexplained", "place = 'nowhere'"),
  item("both sides have the word for nothing as a place", "state_unexplained", "place = 'null'"),
  item("both sides have the word for nothing as a class", "class_unknown", "class = 'null'", isIdle),
  item(
    "both sides have a thing set aside since last month",
    "stuck_in_transit",
    "status = 'staged', contract = '1002', last_fact_at = now() - interval '30 days'",
    isIdle,
  ),
  {
    name: "both sides know a thing that nobody made",
    code: "state_unexplained",
    seed: async (sql) => {
      const tag = `ROGUE-${Math.floor(Math.random() * 1_000)}`;
      // One that stands on no contract, which is not among what the rogue has of it.
      const [like] = await sql<Row[]>`
        select tag as key from operations.item where status = 'ready' and contract is null and tag not like ${busyLike} limit 1`;
      const columns = "site, class, name, status, quality, place, notes, version, pos, role";
      for (const [side, more] of [
        ["operations", ""],
        ["manager", ", changed_at"],
      ] as const)
        await sql.unsafe(
          `insert into ${side}.item (tag, ${columns}${more}) select '${tag}', ${columns}${more} from ${side}.item where tag = '${like?.key}'`,
        );
      return tag;
    },
  },
  {
    name: "both sides have another client of a contract",
    code: "state_unexplained",
    seed: onBoth(
      "select number as key from operations.contract",
      (side, key) =>
        `update ${side}.contract set client = 'Mallory', ${whole(side, "contract")} where number = '${key}'`,
    ),
  },
  {
    name: "both sides count more out on a contract",
    code: "state_unexplained",
    also: ["contract_quantity"],
    seed: onBoth(
      "select number as key from operations.contract where doc->'counts' <> '{}' and state <> 'merged'",
      (side, key) => {
        const column = wholeNames[side] ?? "contract";
        const first = `(select min(class) from jsonb_object_keys(${column}->'counts') class)`;
        return `update ${side}.contract set ${column} = jsonb_set(${column}, array['counts', ${first}, 'out'], '77') where number = '${key}'`;
      },
    ),
  },
  contract(
    "both sides have a contract going out at another time",
    "{firstOutAt}",
    '"2020-01-01T00:00:00.000Z"',
    "doc->>'firstOutAt' is not null",
  ),
  contract("both sides expect something else on a contract", "{lines}", "[]", "doc->'lines' <> '[]'"),
  contract("both sides count another lot", "{lots,aprons,added}", "41", "number = 'L9'"),
  gone(
    "both sides have lost a contract",
    "select number as key from operations.contract where number not in (select contract from operations.contract_member)",
    () => "contract where number",
  ),
  gone(
    "both sides have lost a session",
    "select id::text as key from operations.session where state = 'closed' and id not in (select session from operations.session_tag)",
    () => "session where id",
  ),
  {
    name: "both sides have lost a session that is under way, with what it has seen",
    code: "orphan_history",
    seed: async (sql) => {
      const id = await onBoth(
        `select id::text as key from operations.session where state = 'open' and id in (
          select session from operations.session_tag group by session having not bool_or(tag like '${busyLike}'))`,
        (side, key) => `delete from ${side}.session_tag where session = '${key}'`,
      )(sql);
      for (const side of ["operations", "manager"])
        await sql.unsafe(`delete from ${side}.session where id = '${id}'`);
      return id;
    },
  },
  {
    name: "both sides have lost one tag of a session",
    code: "state_unexplained",
    also: ["session_count"],
    seed: async (sql) => {
      const [row] = await sql<{ session: string; tag: string }[]>`
        select own.session::text as session, tag from operations.session_tag own
          join operations.session on session.id = own.session
        where state = 'closed' and tag not like ${busyLike} order by random() limit 1`;
      if (row === undefined) throw new Error("no session has seen anything");
      for (const side of ["operations", "manager"])
        await sql.unsafe(
          `delete from ${side}.session_tag where session = '${row.session}' and tag = '${row.tag}'`,
        );
      return row.session;
    },
  },
  {
    name: "both sides have lost an open rental",
    code: "state_unexplained",
    also: ["out_without_contract", "contract_quantity"],
    seed: onBoth(
      "select tag as key from operations.contract_member where state = 'out' group by tag having count(*) = 1",
      (side, key) => `delete from ${side}.contract_member where tag = '${key}' and state = 'out'`,
    ),
  },
  {
    name: "both sides have lost the scans that wait for a tag",
    code: "orphan_history",
    seed: onBoth(
      "select tag as key from operations.quarantine where released_at is null",
      (side, key) => `delete from ${side}.quarantine where tag = '${key}'`,
    ),
  },
  gone("both sides have lost what a class is called", "select class as key from operations.class", (side) =>
    side === "manager" ? "rental_class where class" : "class where class",
  ),
  {
    name: "both sides call a class otherwise",
    code: "state_unexplained",
    seed: onBoth(
      "select class as key from operations.class",
      (side, key) =>
        `update ${side}.${side === "manager" ? "rental_class" : "class"} set name = 'Marquee' where class = '${key}'`,
    ),
  },
  {
    name: "both sides have a thing as it never was on a contract",
    code: "state_unexplained",
    seed: onBoth(
      "select tag as key from operations.contract_member where state = 'returned'",
      (side, key) =>
        `update ${side}.contract_member set back_at = '2031-01-01T00:00:00.000Z' where tag = '${key}' and state = 'returned'`,
    ),
  },
  {
    name: "both sides say that somebody else was at a session",
    code: "state_unexplained",
    // Of one that has just been closed the manager may still have to hear of it, and adds to what is made wrong.
    seed: onBoth(
      `select id::text as key from operations.session where state = 'closed' and id not in (
        select session from operations.session_tag where tag like '${busyLike}')`,
      (side, key) => `update ${side}.session set ${whole(side, "session")} where id = '${key}'`,
    ),
  },
  {
    name: "both sides have seen a tag at a session as something else",
    code: "state_unexplained",
    seed: onBoth(
      `select own.session::text as key from operations.session_tag own join operations.session on session.id = own.session
        where own.outcome = 'seen' and own.type <> 'service' and state = 'closed' and own.tag not like '${busyLike}'`,
      (side, key) =>
        `update ${side}.session_tag set type = 'service' where outcome = 'seen' and session = '${key}'`,
    ),
  },
  {
    name: "the log returns a thing twice",
    code: "return_twice",
    also: ["event_changed", "receipt_without_event", "digest_drift"],
    seed: async (sql) => {
      const [row] = await sql<Row[]>`
        select tag as key from operations.event
        where type = 'item.returned.v1' and data->'set' ? 'status' and ${sql.unsafe(isPast)}
          and tag not in (select tag from operations.event where type = 'item.rented.v1' and session is not null)
        group by tag having count(*) = 1 order by random() limit 1`;
      if (row === undefined) throw new Error("nothing was returned");
      await sql`
        update operations.event set type = 'item.returned.v1', data = '{"set": {"status": "ready"}}'
        where tag = ${row.key} and type = 'item.created.v1'`;
      await sql`delete from operations.event where tag = ${row.key} and type = 'item.rented.v1'`;
      return row.key;
    },
  },
  {
    name: "a contract counts in words",
    code: "record_unreadable",
    also: ["field_diff"],
    standsAlone: true,
    seed: async (sql) => {
      await sql`
        update operations.contract set doc = jsonb_set(doc, '{counts}', '{"tent": {"staged": "many"}}')
        where number = (
          select number from operations.contract where number not like ${busyLike} order by random() limit 1
        )`;
      return "contract_quantity";
    },
  },
];
