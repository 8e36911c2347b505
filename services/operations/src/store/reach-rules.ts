import type { Rule } from "./rule.ts";

/** Nobody drives from one site to another within so many minutes. */
const travelMinutesMin = 10;
/** Whoever writes so many things off by hand within an hour has made a mistake, or should not. */
const writtenOffMax = 500;

/** What nobody should be able to reach: two sites at once, or the end of very many things. */
export const reachRules: readonly Rule[] = [
  {
    // An EPC is on one thing of the house, so that at another site its scans wait. Only of an EPC that holds: other labels are a site's own.
    code: "travel_impossible",
    entity: "item",
    sql: `select distinct item.tag as key, 'carried at ' || item.site || ', and scanned here within ${travelMinutesMin} minutes of there' as detail
      from (
        select tag, coalesce((heard #>> '{scan,scannedAt}')::timestamptz, received_at) as at from quarantine
        where site = $1 and released_at is null and received_at > now() - interval '1 day' and tag ~ '^[0-9A-F]{24,}$'
      ) here
      join site elsewhere on elsewhere.site <> $1
      join item on item.site = elsewhere.site and item.tag = here.tag
      where exists (
        select from event where event.site = item.site and event.tag = item.tag
          and scanned_at between at - interval '${travelMinutesMin} minutes' and at + interval '${travelMinutesMin} minutes'
      )`,
  },
  {
    code: "mass_change",
    entity: "person",
    sql: `select coalesce(by->>'person', by->>'device', 'nobody') as key,
        'wrote off more than ${writtenOffMax} things by hand within an hour' as detail
      from event
      where site = $1 and recorded_at > now() - interval '1 hour' and type = 'item.edited.v1'
        and data->'set'->>'status' in ('retired', 'sold', 'missing')
      group by 1 having count(distinct tag) > ${writtenOffMax}`,
  },
];
