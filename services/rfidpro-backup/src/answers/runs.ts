import { answer, type Bus, type Subscription } from "@tagwire/bus";
import {
  AskCancelRfidproRun,
  AskRfidproArchive,
  AskRfidproManifest,
  AskRfidproRows,
  AskRfidproRun,
  AskRfidproRuns,
  AskStartRfidproRun,
} from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { liveEpoch } from "../live/rfidpro.ts";
import { cancelRun, type Runs } from "../running/runs.ts";
import { readRows } from "../store/live-rows.ts";
import { findManifest, listHeads, listUnderWay } from "../store/manifests.ts";
import { findRun, listRuns } from "../store/runs.ts";
import { readCursor, writeCursor } from "./cursor.ts";

type Desk = {
  readonly sql: Sql;
  readonly runs: Runs;
  /** Undefined where no archive is set up. */
  readonly publicKey: string | undefined;
};

/** Everything people ask about pulls of RFIDpro. */
export const answerRuns = (bus: Bus, { sql, runs, publicKey }: Desk): readonly Subscription[] => [
  answer(bus, AskStartRfidproRun, async (asked) => ({ run: await runs.begin(asked) })),
  answer(bus, AskRfidproRuns, async ({ site, limit, cursor }) => {
    const found = await listRuns(sql, { site, limit, after: readCursor(cursor) });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    const isMore = found.length > limit && last !== undefined;
    return { runs: page, next: isMore ? writeCursor({ at: last.startedAt, id: last.id }) : null };
  }),
  answer(bus, AskRfidproRun, async ({ id }) => ({ run: (await findRun(sql, id))?.run ?? null })),
  answer(bus, AskCancelRfidproRun, async ({ id, by }) => ({ run: await cancelRun({ sql, bus }, id, by) })),
  answer(bus, AskRfidproManifest, async ({ id }) => ({
    manifest: (await findManifest(sql, id))?.body ?? null,
  })),
  answer(bus, AskRfidproArchive, async () => ({
    publicKey: publicKey ?? null,
    heads: await listHeads(sql),
    underWay: await listUnderWay(sql),
  })),
  answer(bus, AskRfidproRows, async ({ site }) => ({ epoch: liveEpoch, ...(await readRows(sql, site)) })),
];
