import type { Rule } from "./rule.ts";

/**
 * The keys that a column of the log has, one after the other: each is looked up in its index after the one before, so that however
 * long the log is, it takes as long as there are keys.
 */
const keysOf = (column: "contract" | "session"): string => `
  with recursive told (key) as (
    (select ${column} from event where site = $1 and ${column} is not null order by ${column} limit 1)
    union all
    select (select ${column} from event where site = $1 and ${column} > told.key order by ${column} limit 1)
    from told where told.key is not null
  )`;

const detail = "'the log has told of it, and it has no row' as detail";

/** What the log has told of is there: a row that is gone on both sides leaves nothing else behind that could say so. */
export const toldRules: readonly Rule[] = [
  {
    code: "orphan_history",
    entity: "contract",
    // A scan that was refused may name what nobody ever made.
    sql: `${keysOf("contract")} select key, ${detail} from told
      where key is not null and not exists (select from contract where site = $1 and number = told.key)
        and exists (select from event where site = $1 and contract = told.key and (type like 'contract.%' or type like 'lot.%'
          or jsonb_path_exists(data, '$.moves[*].contract ? (@ == $number)', jsonb_build_object('number', told.key))))`,
  },
  {
    code: "orphan_history",
    entity: "session",
    sql: `${keysOf("session")} select key::text as key, ${detail} from told
      where key is not null and not exists (select from session where site = $1 and id = told.key)
        and exists (select from event where site = $1 and session = told.key and type = 'session.begun.v1')`,
  },
  {
    code: "orphan_history",
    entity: "class",
    sql: `select distinct data->>'class' as key, ${detail} from event
      where site = $1 and type = 'class.defined.v1'
        and not exists (select from class where class.site = $1 and class.class = event.data->>'class')`,
  },
  {
    // Whatever decides what waits for a tag says so in the log: its commissioning, or a dismissal.
    code: "orphan_history",
    entity: "waiting",
    sql: `select distinct tag as key, 'the log has scans wait for it, and they do not' as detail from event
      where site = $1 and type = 'scan.quarantined.v1'
        and not exists (
          select from quarantine where quarantine.site = $1 and scan_id = event.scan_id and released_at is null and quarantine.tag = event.tag
          offset 0
        )
        and not exists (
          select from event later where later.site = $1 and later.tag = event.tag and (later.epoch, later.pos) > (event.epoch, event.pos)
            and later.type in ('item.created.v1', 'scan.dismissed.v1')
          offset 0
        )`,
  },
  {
    // A reader's sighting is taken for the newest of its place, without another event: then another scan is kept than was told.
    code: "waiting_changed",
    entity: "waiting",
    sql: `select distinct held.tag as key, 'a scan waits otherwise than the log has told' as detail
      from quarantine held left join event on event.site = $1 and event.tag = held.tag and event.type = 'scan.quarantined.v1'
        and event.scan_id = held.scan_id and event.received_at = held.received_at
      where held.site = $1 and held.released_at is null and (event.pos is null
        or held.heard #> '{origin,by}' is distinct from event.by
        or held.heard - array['scan', 'origin', 'evidence', 'fromQuarantine', 'countedBy'] <> '{}'
        or (held.heard ? 'evidence' and held.heard #>> '{origin,by,reader}' is null)
        or (held.heard #>> '{scan,id}' = held.scan_id::text and (held.heard->'scan' is distinct from event.data->'scan'
          or held.heard->'countedBy' is distinct from event.data->'countedBy'
          or (held.heard #>> '{origin,receivedAt}')::timestamptz is distinct from event.received_at))
        or (held.heard #>> '{scan,id}' <> held.scan_id::text and held.heard #>> '{origin,by,reader}' is null))`,
  },
];
