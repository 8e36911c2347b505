import type { Board } from "./board.ts";
import { classes } from "./classes.ts";
import { contracts } from "./contracts.ts";
import { counts } from "./counts.ts";
import { digests } from "./digests.ts";
import { flagged } from "./flagged.ts";
import { minutes } from "./minutes.ts";
import { newest } from "./newest.ts";
import { queues } from "./queues.ts";
import { sessions } from "./sessions.ts";
import { sites } from "./sites.ts";
import { stockName, stockTables } from "./stock.ts";
import { throughput } from "./throughput.ts";
import { usage } from "./usage.ts";

/** Everything that is kept of the log besides the stock itself, which all of them read. */
export const boards: readonly Board[] = [
  sites,
  counts,
  usage,
  minutes,
  throughput,
  flagged,
  queues,
  classes,
  contracts,
  sessions,
  newest,
  digests,
];

/** Every table that holds rows of sites. */
export const boardTables: readonly string[] = [...stockTables, ...boards.flatMap(({ tables }) => tables)];

/** Which boards the rows of a site hold. Where another release kept others, the rows are made anew. */
export const boardNames: string = [stockName, ...boards.map(({ name }) => name)].join(" ");
