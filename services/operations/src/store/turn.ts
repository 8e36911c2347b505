import { traceIdOf } from "@tagwire/bus";
import { canonicalJson, chainHash } from "@tagwire/digest";
import { Fault, isTrainingSite, type LoggedEvent, newId } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { Said } from "../actors/decision.ts";
import type { DeviceTally } from "../actors/device-tally.ts";
import { eventBytesMax } from "../actors/event-size.ts";
import type { TurnOutcome } from "../actors/site.ts";
import { savingClasses } from "./classes.ts";
import { keepingAsides } from "./contract-rounds.ts";
import { savingContracts } from "./contracts.ts";
import { countingDevices } from "./device-ledgers.ts";
import { keepingStage } from "./migration.ts";
import { holdingNames, isNameHeld } from "./name-holders.ts";
import { keepingPhotos } from "./photos.ts";
import { savingSessions } from "./sessions.ts";
import type { SiteHead } from "./sites.ts";
import { keepingRules } from "./stock-rules.ts";
import { keepingNames } from "./thing-names.ts";

export type SiteBeginning = { readonly name: string; readonly timeZone: string };

/** What says that a turn may still commit: the lease it runs under and the head it started from. */
export type Fence = {
  readonly site: string;
  readonly owner: string;
  readonly leaseEpoch: number;
  readonly head: SiteHead;
  /** What the site is called, when this turn begins its log. */
  readonly begins?: SiteBeginning;
};

export type Sealed = { readonly events: readonly LoggedEvent[]; readonly head: SiteHead };

const sealOne = (site: string, said: Said, head: SiteHead, recordedAtMs: number): LoggedEvent => {
  const unsealed = {
    epoch: head.epoch,
    pos: head.pos + 1,
    id: newId(),
    type: said.type,
    site,
    ...(said.tag === undefined ? {} : { tag: said.tag }),
    ...(said.contract === undefined ? {} : { contract: said.contract }),
    ...(said.session === undefined ? {} : { session: said.session }),
    ...(said.scanId === undefined ? {} : { scanId: said.scanId }),
    ...(said.scannedAt === undefined ? {} : { scannedAt: said.scannedAt }),
    receivedAt: new Date(said.receivedAt).toISOString(),
    recordedAt: new Date(recordedAtMs).toISOString(),
    by: said.by,
    traceId: traceIdOf(said.traceparent),
    traceparent: said.traceparent,
    data: said.data,
    prevHash: head.hash,
  };
  const canonical = canonicalJson(unsealed);
  const bytes = Buffer.byteLength(canonical);
  if (bytes > eventBytesMax)
    throw new Fault("too_large", `${said.type} at ${unsealed.pos} of ${bytes} bytes`);
  return { ...unsealed, hash: chainHash(head.hash, canonical) };
};

/**
 * Gives events their places in the log: dense positions, one chain, a recording time that never goes back.
 *
 * @throws Fault `too_large` when an event is larger than the bus takes. Acts that come to one are refused each by itself before; this is for
 * what nobody thought of: its turn commits nothing, and the site goes on.
 */
export const seal = (site: string, said: readonly Said[], head: SiteHead, nowMs: number): Sealed => {
  const recordedAtMs = Math.max(nowMs, head.recordedAtMs);
  const events: LoggedEvent[] = [];
  let at = head;
  for (const one of said) {
    const event = sealOne(site, one, at, recordedAtMs);
    events.push(event);
    at = { epoch: event.epoch, pos: event.pos, hash: event.hash, recordedAtMs };
  }
  return { events, head: at };
};

const rowsOf = (outcome: TurnOutcome, { events }: Sealed) => ({
  events: JSON.stringify(events),
  items: JSON.stringify([...outcome.items.values()]),
  receipts: JSON.stringify([...outcome.receipts].map(([id, kept]) => ({ id, ...kept }))),
  quarantined: JSON.stringify(
    outcome.quarantined.map(({ id, tag, heard }) => ({
      id,
      tag,
      heard,
      receivedAt: heard.origin.receivedAt,
    })),
  ),
  renewed: JSON.stringify(outcome.renewed),
  released: JSON.stringify(outcome.released),
});

/**
 * What became of a commit. `ids_known`: an id in it was answered before, so the turn was decided on too little; nothing was
 * written, and with the receipts in hand it can be decided again. `names_held`: another site has begun to hold a name meanwhile; the
 * same holds. `fenced`: the head or the lease has moved; the turn is void.
 */
export type Commitment = "committed" | "ids_known" | "names_held" | "fenced";

const areAnyKnown = async (sql: Sql, site: string, ids: readonly string[]): Promise<boolean> => {
  const found =
    await sql`select 1 from receipt where site = ${site} and id = any(${ids as string[]}::uuid[]) limit 1`;
  return found.length > 0;
};

/*
 * Scans of tags nobody knows are rare, and so are tags that become known: the usual turn does not pay for them.
 */

/** An id that waits already is one whose receipt is older than receipts are kept: it waits anew. */
const holding = (sql: Sql, quarantined: string) => sql`, held as (
      insert into quarantine (site, scan_id, tag, heard, received_at)
      select head.site, id, tag, heard, "receivedAt"
      from head, json_to_recordset(${quarantined}::text::json) as given (id uuid, tag text, heard jsonb, "receivedAt" timestamptz)
      on conflict (site, scan_id) do update set tag = excluded.tag, heard = excluded.heard, received_at = excluded.received_at,
        released_at = null
    )`;

const renewing = (sql: Sql, renewed: string) => sql`, renewed as (
      update quarantine set heard = given.heard
      from head, json_to_recordset(${renewed}::text::json) as given (id uuid, heard jsonb)
      where quarantine.site = head.site and quarantine.scan_id = given.id
    )`;

/** The name and zone of a site are those of the turn that begins its log, whatever an earlier try left in the row. */
const naming = (sql: Sql, { name, timeZone }: SiteBeginning) =>
  sql`, name = ${name}, time_zone = ${timeZone}`;

const releasing = (sql: Sql, released: string, recordedAt: Date) => sql`, released as (
      update quarantine set released_at = ${recordedAt}
      from head, json_to_recordset(${released}::text::json) as given (id uuid)
      where quarantine.site = head.site and quarantine.scan_id = given.id
    ), completed as (
      update receipt set receipt = receipt.receipt || jsonb_build_object('later', given.later)
      from head, json_to_recordset(${released}::text::json) as given (id uuid, later jsonb)
      where receipt.site = head.site and receipt.id = given.id
    )`;

/**
 * Commits a turn in one statement, hence one transaction without a moment of idling inside it: the head moves from where the
 * turn found it, under the turn's own lease and only when no id in it was answered before; everything else hangs on that row.
 * Whatever does not commit has written nothing.
 */
export const commitTurn = async (
  sql: Sql,
  fence: Fence,
  outcome: TurnOutcome,
  sealed: Sealed,
  tallies: readonly DeviceTally[] = [],
): Promise<Commitment> => {
  const { site, owner, leaseEpoch, head } = fence;
  const rows = rowsOf(outcome, sealed);
  const recordedAt = new Date(sealed.head.recordedAtMs);
  const ids = [...outcome.receipts.keys()];
  const [row] = await sql<[{ moved: number }]>`
    with head as (
      update site set pos = ${sealed.head.pos}, hash = ${sealed.head.hash}, recorded_at = ${recordedAt}
        ${fence.begins === undefined ? sql`` : naming(sql, fence.begins)} ${keepingStage(sql, sealed.events)}
        ${keepingRules(sql, sealed.events)}
      from partition
      where site.site = ${site} and site.epoch = ${head.epoch} and site.pos = ${head.pos} and site.hash = ${head.hash}
        and partition.partition = site.partition and partition.owner = ${owner}
        and partition.epoch = ${leaseEpoch} and partition.until > clock_timestamp()
        and not exists (select 1 from receipt where receipt.site = ${site} and receipt.id = any(${ids}::uuid[]))
      returning site.site
    ), logged as (
      insert into event (site, epoch, pos, id, type, tag, contract, session, scan_id, scanned_at, received_at, recorded_at,
        by, traceparent, data, prev_hash, hash)
      select head.site, epoch, pos, id, type, tag, contract, session, "scanId", "scannedAt", "receivedAt", "recordedAt",
        by, traceparent, data, "prevHash", hash
      from head, json_to_recordset(${rows.events}::text::json) as given (epoch bigint, pos bigint, id uuid, type text, tag text,
        contract text, session uuid, "scanId" uuid, "scannedAt" timestamptz, "receivedAt" timestamptz, "recordedAt" timestamptz,
        by jsonb, traceparent text, data jsonb, "prevHash" text, hash text)
    ), kept as (
      insert into item (site, tag, class, name, status, quality, place, contract, notes, version, pos, last_fact_at, last_scan,
        place_at, quality_at, role, condition, last_service, replaces, replaced_by)
      select head.site, tag, class, name, status, quality, place, contract, notes, version, pos, "lastFactAt", "lastScan",
        "placeAt", "qualityAt", role, condition, "lastService", replaces, "replacedBy"
      from head, json_to_recordset(${rows.items}::text::json) as given (tag text, class text, name text, status text, quality text,
        place text, contract text, notes text, version int, pos bigint, "lastFactAt" timestamptz, "lastScan" jsonb,
        "placeAt" timestamptz, "qualityAt" timestamptz, role text, condition jsonb,
        "lastService" jsonb, replaces text, "replacedBy" text)
      on conflict (site, tag) do update set class = excluded.class, name = excluded.name, status = excluded.status,
        quality = excluded.quality, place = excluded.place, contract = excluded.contract, notes = excluded.notes,
        version = excluded.version, pos = excluded.pos, last_fact_at = excluded.last_fact_at, last_scan = excluded.last_scan,
        place_at = excluded.place_at, quality_at = excluded.quality_at, role = excluded.role, condition = excluded.condition,
        last_service = excluded.last_service, replaces = excluded.replaces, replaced_by = excluded.replaced_by
    ), answered as (
      insert into receipt (site, id, body_hash, receipt, undone, recorded_at)
      select head.site, id, "bodyHash", receipt, undone, ${recordedAt}
      from head, json_to_recordset(${rows.receipts}::text::json) as given (id uuid, "bodyHash" text, receipt jsonb, undone jsonb)
    )${outcome.quarantined.length === 0 ? sql`` : holding(sql, rows.quarantined)}
    ${outcome.renewed.length === 0 ? sql`` : renewing(sql, rows.renewed)}
    ${outcome.released.length === 0 ? sql`` : releasing(sql, rows.released, recordedAt)}
    ${savingContracts(sql, outcome)} ${keepingAsides(sql, sealed.events)} ${savingSessions(sql, outcome)} ${savingClasses(sql, outcome)}
    ${keepingPhotos(sql, sealed.events)}
    ${keepingNames(sql, sealed.events)} ${isTrainingSite(site) ? sql`` : holdingNames(sql, outcome.names)} ${countingDevices(sql, tallies)}
    select count(*)::int as moved from head`.catch((error: unknown) => {
    if (isNameHeld(error)) return [undefined];
    throw error;
  });
  if (row === undefined) return "names_held";
  if (row.moved === 1) return "committed";
  return (await areAnyKnown(sql, site, ids)) ? "ids_known" : "fenced";
};
