import { answer, type Bus, type Subscription } from "@tagwire/bus";
import {
  AskActOnFinding,
  AskAudit,
  AskAudits,
  AskDeviceReports,
  AskFinding,
  AskFindingRows,
  AskFindings,
  AskReportDevice,
  AskRunAudit,
  Fault,
} from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { actOn } from "../actors/finding-life.ts";
import type { Auditing } from "../auditing/schedule.ts";
import { liveEpoch, rowOf } from "../live/findings.ts";
import { findAudit, listAudits } from "../store/audits.ts";
import { keepReport, listReports } from "../store/device-reports.ts";
import { findFinding, listFindings, readAsOf } from "../store/findings.ts";
import { readHistory } from "../store/lines.ts";
import { readCursor, writeCursor } from "./cursor.ts";
import { heal } from "./heal.ts";
import { keep } from "./keep.ts";

const rowsPerPage = 500;

type Desk = {
  readonly sql: Sql;
  /** How far apart the audits of the clock are. */
  readonly everyMs: number;
  readonly leading: () => Auditing | undefined;
};

const nextOf = <T>(rows: readonly T[], limit: number, after: (row: T) => string): [T[], string | null] => {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return [page, rows.length > limit && last !== undefined ? after(last) : null];
};

/** Everything people ask of the health check. */
export const answerHealth = (bus: Bus, { sql, everyMs, leading }: Desk): readonly Subscription[] => [
  answer(bus, AskRunAudit, async ({ site, by }) => {
    const auditing = leading();
    if (auditing === undefined) throw new Fault("unavailable", "another replica keeps the audits");
    return { audit: await auditing.audit(site, by) };
  }),
  answer(bus, AskAudits, async ({ site, limit, cursor }) => {
    const found = await listAudits(sql, { site, limit, after: readCursor(cursor) });
    const [audits, next] = nextOf(found, limit, ({ startedAt: at, id }) => writeCursor({ at, id }));
    return { audits, next, everyMs };
  }),
  answer(bus, AskAudit, async ({ site, id }) => ({ audit: (await findAudit(sql, site, id)) ?? null })),
  answer(bus, AskFindings, async ({ cursor, ...query }) => {
    const found = await listFindings(sql, { ...query, after: readCursor(cursor) });
    const [findings, next] = nextOf(found, query.limit, ({ lastSeenAt: at, id }) => writeCursor({ at, id }));
    return { findings, next };
  }),
  answer(bus, AskFindingRows, async ({ site, cursor }) => {
    const limit = rowsPerPage;
    const { seq, findings: found } = await readAsOf(sql, { site, limit, after: readCursor(cursor) });
    const [page, next] = nextOf(found, limit, ({ lastSeenAt: at, id }) => writeCursor({ at, id }));
    return { epoch: liveEpoch, pos: seq, rows: page.map(rowOf), next };
  }),
  answer(bus, AskFinding, async ({ site, id }) => {
    const kept = await findFinding(sql, site, id);
    if (kept === undefined) return { finding: null };
    return { finding: { ...kept.finding, history: await readHistory(sql, site, id) } };
  }),
  answer(bus, AskReportDevice, async (told) => {
    await keepReport(sql, told);
    return {};
  }),
  answer(bus, AskDeviceReports, async ({ site }) => ({ reports: await listReports(sql, site) })),
  answer(bus, AskActOnFinding, async ({ act, ...asked }) => {
    if (act === "heal") return heal(bus, sql, asked);
    const finding = await keep(bus, sql, asked, (kept) =>
      actOn(kept, act, asked.by, asked, new Date().toISOString()),
    );
    return { finding };
  }),
];
