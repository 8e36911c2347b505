import { type LagDistribution, LagMinutes } from "@tagwire/messages";
import Type from "typebox";
import type { Column } from "../transfer/export-formats.ts";
import { columnsAsOf, rowsAsOf } from "./export-as-of.ts";
import { column, type ExportList, list, SiteParams } from "./export-list.ts";
import { lagOf } from "./lag.ts";

/** A bucket of one of the two distributions, with what that comes to as a whole. */
type LagRow = Omit<LagDistribution, "buckets"> & {
  readonly way: "deviceToRecord" | "recordToScreen";
  readonly upToMs: number | null;
  readonly inBucket: number;
};

const lagColumns: readonly Column<LagRow>[] = (
  ["way", "upToMs", "inBucket", "samples", "p50Ms", "p90Ms", "p99Ms", "maxMs"] as const
).map((name) => column<LagRow>(name, (row) => row[name]));

const rowsOf = (way: LagRow["way"], { buckets, ...whole }: LagDistribution): LagRow[] =>
  buckets.map(({ upToMs, samples }) => ({ ...whole, way, upToMs, inBucket: samples }));

/** Both distributions of the board of lags. What screens said is of its own newest position; where none said anything, of no other. */
export const lagExports: readonly ExportList[] = [
  list({
    path: "/boards/lag",
    operationId: "exportLag",
    summary: "How long scans take to the record and to the screens as a file, bucket by bucket",
    params: SiteParams,
    query: Type.Object({ minutes: Type.Optional(LagMinutes) }),
    columns: columnsAsOf(lagColumns),
    pages: async function* (edge, { params, query }, note) {
      const { recordToScreen, ...board } = await lagOf(edge, params.site, query.minutes);
      note(board);
      const { epoch, pos, asOf } = recordToScreen;
      const screensAt = {
        epoch: epoch ?? board.epoch,
        pos: pos ?? board.pos,
        asOf: asOf ?? board.asOf,
      };
      yield [
        ...rowsAsOf(board, rowsOf("deviceToRecord", board.deviceToRecord)),
        ...rowsAsOf(screensAt, rowsOf("recordToScreen", recordToScreen)),
      ];
    },
  }),
];
