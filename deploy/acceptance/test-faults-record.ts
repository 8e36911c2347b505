import { busyLike, drop, flip, isIn, isOver, keyOf, type SeededFault, silently, text } from "./test-fault.ts";
import { quietDevice } from "./test-shelves.ts";

const record = (column: string, value: string, where = "true"): SeededFault => ({
  name: `the record of an item has another ${column}`,
  code: "state_unexplained",
  seed: flip("operations.item", column, value, "tag", where),
});

const waitingOtherwise = (what: string, column: string, value: string): SeededFault => ({
  name: `of a scan that waits the record has otherwise ${what}`,
  code: "waiting_changed",
  also: ["orphan_history"],
  seed: flip("operations.quarantine", column, value, "tag", "released_at is null"),
});

/** What can be wrong with the rows that the log comes to. */
export const recordFaults: readonly SeededFault[] = [
  record("class", text("umbrella")),
  record("status", text("wash"), isIn),
  record("quality", text("C-")),
  record("place", text("nowhere")),
  record("notes", text("somebody was here")),
  record("version", "version + 1"),
  record("last_fact_at", text("2031-01-01T00:00:00Z")),
  record("role", text("sold")),
  record("condition", text('{"mud": true}')),
  {
    name: "an item is gone from the record",
    code: "state_unexplained",
    also: ["orphan_history"],
    seed: drop(
      "operations.item",
      "tag",
      "status = 'ready' and tag not in (select tag from operations.contract_member)",
    ),
  },
  {
    name: "a lot has another count in the record",
    code: "state_unexplained",
    seed: flip(
      "operations.contract",
      "doc",
      `jsonb_set(doc, '{lots,aprons,added}', '41')`,
      "number",
      "number = 'L9'",
    ),
  },
  {
    name: "a contract counts more than is on it",
    code: "contract_quantity",
    also: ["field_diff"],
    seed: flip(
      "operations.contract",
      "doc",
      `jsonb_set(doc, '{counts,tent,out}', '77')`,
      "number",
      "doc->'counts' ? 'tent'",
    ),
  },
  {
    name: "an open rental is gone from the record",
    code: "out_without_contract",
    also: ["missing_in_operations", "contract_quantity"],
    seed: drop(
      "operations.contract_member",
      "tag",
      "state = 'out' and (site, tag, contract) in (select site, tag, contract from operations.item)",
    ),
  },
  {
    name: "a thing is out twice",
    code: "double_rental",
    also: ["missing_in_manager", "contract_quantity"],
    seed: (sql) =>
      keyOf(sql`
        insert into operations.contract_member (site, contract, tag, class, state, pos)
        select member.site, contract.number, member.tag, member.class, 'out', member.pos
        from operations.contract_member member join operations.contract on contract.number <> member.contract
        where member.state = 'out' and contract.number || member.tag not like ${busyLike}
          and not exists (
            select from operations.contract_member other where other.contract = contract.number and other.tag = member.tag
          )
        order by random() limit 1 returning tag as key`),
  },
  {
    name: "a contract has out what is on the shelf",
    code: "out_without_contract",
    also: ["field_diff", "contract_quantity"],
    seed: flip(
      "operations.contract_member",
      "state",
      text("out"),
      "tag",
      "state = 'returned' and tag in (select tag from operations.item where status = 'ready')",
    ),
  },
  {
    name: "a contract has what no item is",
    code: "orphan_member",
    also: ["missing_in_manager", "contract_quantity"],
    seed: (sql) =>
      keyOf(sql`
        insert into operations.contract_member (site, contract, tag, class, state, pos)
        select site, number, 'NOBODY', 'tent', 'returned', pos from operations.contract
        where number not like ${busyLike} order by random() limit 1
        returning contract || ' ' || tag as key`),
  },
  {
    name: "an item names a contract that is not there",
    code: "orphan_contract",
    also: ["state_unexplained", "out_without_contract"],
    seed: flip("operations.item", "contract", text("0000"), "tag", "contract is not null"),
  },
  {
    name: "a session has another count in the record",
    code: "session_count",
    also: ["field_diff"],
    seed: flip("operations.session", "doc", `jsonb_set(doc, '{seenTags}', '1234')`, "id::text", isOver),
  },
  {
    name: "a session has counted more repeats than there were",
    code: "session_count",
    seed: flip("operations.session", "duplicates", "duplicates + 1", "id::text", isOver),
  },
  {
    name: "the repeats of a session are gone that were counted beside it",
    code: "session_count",
    seed: drop("operations.session_repeat", "session::text"),
  },
  {
    name: "a tag is gone from a session of the record",
    code: "missing_in_operations",
    also: ["session_count"],
    seed: drop("operations.session_tag", "session::text || ' ' || tag"),
  },
  {
    name: "a session that was never begun has seen something",
    code: "orphan_session_tag",
    also: ["missing_in_manager"],
    seed: (sql) =>
      keyOf(sql`
        insert into operations.session_tag (site, session, tag, expected, outcome)
        select site, gen_random_uuid(), tag, false, 'seen' from operations.item
        where tag not like ${busyLike} order by random() limit 1 returning session::text || ' ' || tag as key`),
  },
  {
    name: "a class is another in the record",
    code: "state_unexplained",
    seed: flip("operations.class", "crew", text("linen"), "class"),
  },
  {
    name: "a scan that waits is gone from the record",
    code: "missing_in_operations",
    also: ["orphan_history"],
    seed: drop("operations.quarantine", "tag", "released_at is null"),
  },
  {
    name: "a scan that waits is taken for one that was decided",
    code: "orphan_history",
    also: ["missing_in_operations"],
    seed: flip("operations.quarantine", "released_at", "now()", "tag", "released_at is null"),
  },
  waitingOtherwise("what was heard", "heard", `jsonb_set(heard, '{scan,place}', '"elsewhere"')`),
  waitingOtherwise("who heard it", "heard", `jsonb_set(heard, '{origin,by}', '{"person": "mallory"}')`),
  waitingOtherwise("when it came", "received_at", "received_at - interval '1 day'"),
  {
    name: "another scan waits than the one that the log tells of",
    code: "waiting_changed",
    also: ["orphan_history"],
    seed: (sql) =>
      keyOf(sql`
        with gone as (
          delete from operations.quarantine where (site, scan_id) = (
            select site, scan_id from operations.quarantine
            where released_at is null and tag not like ${busyLike} order by random() limit 1
          ) returning site, tag, heard, received_at
        )
        insert into operations.quarantine (site, scan_id, tag, heard, received_at)
        select site, gen_random_uuid(), tag, heard, received_at from gone returning tag as key`),
  },
  {
    name: "a session of the record began at another time",
    code: "state_unexplained",
    seed: flip("operations.session", "begun_at", "begun_at - interval '1 day'", "id::text", isOver),
  },
  {
    name: "scans wait for a tag that an item carries",
    code: "waiting_known",
    also: ["missing_in_manager", "waiting_changed"],
    seed: (sql) =>
      keyOf(sql`
        insert into operations.quarantine (site, scan_id, tag, heard, received_at)
        select site, gen_random_uuid(), tag, '{}', now() from operations.item
        where tag not like ${busyLike} order by random() limit 1 returning tag as key`),
  },
  {
    name: "more scans of a device have come than were decided",
    code: "ledger_open",
    seed: (sql) =>
      keyOf(sql`
        update operations.device_ledger set received = received + 1 where device = ${quietDevice} returning device as key`),
  },
  {
    name: "one EPC is on two things",
    code: "duplicate_tag",
    seed: (sql) =>
      keyOf(sql`
        insert into operations.thing_name (site, name, tag)
        select site, 'urn:epc:id:sgtin:4012345.000001.7', tag from operations.item
        where replaced_by is null and tag not like ${busyLike} order by random() limit 2 returning name as key`),
  },
  {
    name: "an item of the record was changed past every trigger",
    code: "state_unexplained",
    also: ["digest_drift"],
    seed: (sql) => silently(sql, flip("operations.item", "notes", text("unheard of"), "tag")),
  },
  {
    name: "what the record keeps of a bucket is not what its rows come to",
    code: "digest_drift",
    seed: (sql) =>
      keyOf(sql`
        insert into operations.digest_delta (site, entity, bucket, rows, a, b, c, d)
        select site, 'item', operations.tagwire_bucket(tag, 4096), 0, 1, 0, 0, 0 from operations.item
        where tag not like ${busyLike} order by random() limit 1 returning 'operations ' || bucket as key`),
  },
];
