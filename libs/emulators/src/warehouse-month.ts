import { seededRandom } from "./random.ts";
import type { WarehouseAct } from "./warehouse/acts.ts";
import type { DeskAct } from "./warehouse/desk-acts.ts";
import { Files } from "./warehouse/files.ts";
import { Labels } from "./warehouse/labels.ts";
import { Office, type OfficeAct } from "./warehouse/office.ts";
import { type Pace, workingPace } from "./warehouse/pace.ts";
import { Paper } from "./warehouse/paper.ts";
import { Staging, stagedAheadMsMax } from "./warehouse/staging.ts";
import { createWarehouse, type Warehouse } from "./warehouse.ts";

/** As many as in the real house. */
export const itemsOfRealHouse = 12_477;
const daysByDefault = 28;
const dayMs = 86_400_000;
const stepMs = 3_600_000;

export type MonthOptions = {
  readonly seed: number | string;
  /** When the first day begins, Unix ms. */
  readonly startMs: number;
  readonly items?: number;
  readonly days?: number;
  /** That of working days unless told. */
  readonly pace?: Pace;
  /** As of a warehouse; what is new in the month has the letters that nobody told. */
  readonly firm?: string;
};

export type MonthAct = WarehouseAct | OfficeAct | DeskAct;

export type WarehouseMonth = {
  readonly warehouse: Warehouse;
  /** Everything that happens, in the order in which it reaches the office: made as it is asked for, and only once. */
  readonly acts: Iterable<MonthAct>;
};

type House = {
  readonly warehouse: Warehouse;
  readonly office: Office;
  readonly paper: Paper;
  readonly labels: Labels;
  readonly files: Files;
  readonly staging: Staging;
};

/** Everything that comes of what the house does in a stretch of time, as papers and labels are then, and what follows from it. */
const hearAll = (
  { office, paper, labels, files, staging }: House,
  acts: readonly WarehouseAct[],
  fromMs: number,
): WarehouseAct[] =>
  acts
    .flatMap((act) => paper.hear(act))
    .flatMap((written) => {
      const act = labels.hear(written);
      files.hear(act);
      const before = act.kind === "scan-session" ? staging.hear(act, fromMs) : undefined;
      const all = before === undefined ? [act] : [before, act];
      for (const one of all) office.hear(one);
      return all;
    });

/**
 * The house is read ahead of its time, since goods are set aside before they leave. What the desk does comes in its turn, so that only what
 * happens after it is scanned with other numbers and tags.
 */
function* tell(house: House, fromMs: number, toMs: number): Generator<MonthAct> {
  const { warehouse, office, paper, labels, files, staging } = house;
  let ahead: WarehouseAct[] = [];
  for (let atMs = fromMs; atMs < toMs; atMs += stepMs) {
    const untilMs = Math.min(toMs, atMs + stepMs);
    ahead.push(...hearAll(house, warehouse.nextActs(untilMs + stagedAheadMsMax), atMs));
    const clerks = office.due(untilMs);
    for (const act of clerks) labels.hearOffice(act);
    const due = ahead.filter((act) => act.atMs <= untilMs);
    ahead = ahead.filter((act) => act.atMs > untilMs);
    yield* [
      ...due,
      ...clerks,
      ...[...paper.due(untilMs), ...labels.due(untilMs), ...files.due(untilMs), ...staging.due(untilMs)],
    ].toSorted((a, b) => a.atMs - b.atMs);
  }
}

/**
 * A month of a warehouse at its real size and pace, with what the office and the desk do besides: lots of linen, tags, edits, sessions that
 * are taken back, papers that change, goods that are set aside, files from the point of sale. In every four weeks one day is as busy as the busiest of the real house. Same seed, start, size and days: same month.
 */
export const createMonth = (options: MonthOptions): WarehouseMonth => {
  const { seed, startMs, items = itemsOfRealHouse, days = daysByDefault } = options;
  const pace = options.pace ?? workingPace(String(seed), startMs);
  const warehouse = createWarehouse({
    ...{ seed, startMs, items, pace },
    ...(options.firm === undefined ? {} : { firm: options.firm }),
  });
  const { classes } = warehouse;
  const random = seededRandom(seed);
  const house: House = {
    warehouse,
    office: new Office(random.fork("office"), classes),
    paper: new Paper(random.fork("paper"), classes),
    labels: new Labels(random.fork("labels"), { readAheadMs: stagedAheadMsMax }),
    files: new Files(random.fork("files"), warehouse.items, classes, startMs),
    staging: new Staging(random.fork("staging")),
  };
  return { warehouse, acts: tell(house, startMs, startMs + days * dayMs) };
};
