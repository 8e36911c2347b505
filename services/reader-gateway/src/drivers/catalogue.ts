import type { DriverName } from "@tagwire/messages";
import type { Driver } from "./driver.ts";
import { impinjDriver } from "./impinj.ts";
import { linesDriver } from "./lines.ts";
import { llrpDriver } from "./llrp.ts";
import { m100Driver } from "./m100.ts";
import { mercuryDriver } from "./mercury.ts";
import { replayDriver } from "./replay.ts";
import { trainingDriver } from "./training.ts";
import { tslDriver } from "./tsl.ts";
import { uhf18Driver, uhf288Driver } from "./uhf.ts";
import { zebraDriver } from "./zebra.ts";

/** Every family of readers that we speak to ourselves, recordings of them, and one that is practised with, by the name that a reader's settings use. */
export const drivers: Record<DriverName, Driver> = {
  llrp: llrpDriver,
  mercury: mercuryDriver,
  m100: m100Driver,
  uhf18: uhf18Driver,
  uhf288: uhf288Driver,
  tsl: tslDriver,
  lines: linesDriver,
  impinj: impinjDriver,
  zebra: zebraDriver,
  replay: replayDriver,
  training: trainingDriver,
};
