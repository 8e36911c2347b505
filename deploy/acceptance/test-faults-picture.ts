import { drop, flip, isIn, isOver, keyOf, type SeededFault, silently, text } from "./test-fault.ts";

const picture = (column: string, value: string, where = "true"): SeededFault => ({
  name: `the manager's item has another ${column}`,
  code: "field_diff",
  seed: flip("manager.item", column, value, "tag", where),
});

const later = (column: string): string => `coalesce(${column}, now()) + interval '1 hour'`;
const nextDay = (column: string): string => `coalesce(${column}, current_date) + 1`;

/** A column that the manager keeps for its boards alone, so that there is nothing on the other side to compare it with. */
const board = (table: string, key: string, column: string, value: string, where = "true"): SeededFault => ({
  name: `the manager's boards have another ${column} of a row of ${table}`,
  code: "field_diff",
  seed: flip(`manager.${table}`, column, value, key, where),
});

/** What can be wrong with what only the manager's boards show. */
export const boardFaults: readonly SeededFault[] = [
  ...["changed_at", "free_at", "seen_at", "status_at"].map((column) =>
    board("item", "tag", column, later(column)),
  ),
  board("item", "tag", "steps", text("[]"), "steps <> '[]'"),
  board("contract", "number", "progress", text("empty"), "progress <> 'empty'"),
  board("contract", "number", "still_out_items", "still_out_items + 1"),
  ...["due_in_day", "due_out_day"].map((column) => board("contract", "number", column, nextDay(column))),
  board("session", "id", "active_at", later("active_at"), isOver),
  board("session", "id", "complete", "not coalesce(complete, false)", isOver),
  board("session", "id", "late_scans", "late_scans + 1", isOver),
  board("quarantine", "tag", "since", later("since")),
];

/** What can be wrong with what the manager makes of the log. */
export const pictureFaults: readonly SeededFault[] = [
  ...boardFaults,
  picture("class", text("umbrella")),
  picture("name", text("another name")),
  picture("status", text("wash"), isIn),
  picture("quality", text("C-")),
  picture("place", text("nowhere")),
  picture("contract", text("9999")),
  picture("notes", text("somebody was here")),
  picture("version", "version + 1"),
  picture("pos", "pos + 1"),
  picture("last_fact_at", text("2031-01-01T00:00:00.000Z")),
  picture("last_scan", text('{"type": "touch"}')),
  picture("place_at", text("2031-01-01T00:00:00.000Z")),
  picture("quality_at", text("2031-01-01T00:00:00.000Z")),
  picture("role", text("sold")),
  picture("condition", text('{"mud": true}')),
  picture("last_service", text('{"technician": "nobody"}')),
  picture("replaces", text("OTHER")),
  picture("replaced_by", text("OTHER")),
  {
    name: "an item is gone from the manager",
    code: "missing_in_manager",
    seed: drop("manager.item", "tag"),
  },
  {
    name: "the manager has an item that nobody made",
    code: "missing_in_operations",
    seed: (sql) =>
      keyOf(sql`
        insert into manager.item (site, tag, class, status, version, pos, changed_at)
        select site, 'ROGUE', class, status, version, pos, changed_at from manager.item limit 1 returning tag as key`),
  },
  {
    name: "a contract's client is another one in the manager",
    code: "field_diff",
    seed: flip("manager.contract", "client", text("Somebody"), "number"),
  },
  {
    name: "a contract's lines are others in the manager",
    code: "field_diff",
    seed: flip(
      "manager.contract",
      "contract",
      `contract || '{"lines": []}'`,
      "number",
      "contract->'lines' <> '[]'",
    ),
  },
  {
    name: "a contract is gone from the manager",
    code: "missing_in_manager",
    seed: drop("manager.contract", "number"),
  },
  {
    name: "an open rental is another in the manager",
    code: "field_diff",
    seed: flip(
      "manager.contract_member",
      "state",
      text("returned"),
      "contract || ' ' || tag",
      "state = 'out'",
    ),
  },
  {
    name: "a session is another in the manager",
    code: "field_diff",
    seed: flip("manager.session", "state", text("open"), "id", isOver),
  },
  {
    name: "what a session has seen is another in the manager",
    code: "field_diff",
    seed: flip(
      "manager.session_tag",
      "outcome",
      text("rejected"),
      "session || ' ' || tag",
      "outcome = 'seen'",
    ),
  },
  {
    name: "a class is called otherwise in the manager",
    code: "field_diff",
    seed: flip("manager.rental_class", "name", text("Marquee"), "class"),
  },
  {
    name: "more scans wait in the manager than in the record",
    code: "field_diff",
    seed: flip("manager.quarantine", "scans", "scans + 1", "tag"),
  },
  {
    name: "an item of the manager was changed past every trigger",
    code: "field_diff",
    also: ["digest_drift"],
    seed: (sql) => silently(sql, flip("manager.item", "notes", text("unheard of"), "tag")),
  },
  {
    name: "the manager has put an event aside",
    code: "events_parked",
    seed: (sql) =>
      keyOf(sql`
        insert into manager.parked (site, epoch, pos, key, event, error)
        select site, epoch, pos, 'x', '{}', 'cannot be read' from manager.site_position returning 'manager' as key`),
  },
  {
    name: "the manager has not applied an event",
    code: "events_not_applied",
    standsAlone: true,
    seed: (sql) =>
      keyOf(sql`
        insert into manager.digest_delta (site, entity, bucket, rows, a, b, c, d)
        select site, 'event', manager.tagwire_bucket('0', 4096), -1, 0, 0, 0, 0 from manager.site_position
        returning 'block 0' as key`),
  },
];
