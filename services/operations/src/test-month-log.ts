/**
 * `node test-month-log.ts <seed> [days]`: writes the log of a simulated month to standard output, one line of JSON for the new events
 * of each day. Other services' tests hear operations so, as they do over the bus: nobody imports anybody.
 */
import { once } from "node:events";
import { liveMonth } from "./test-month.ts";

const [seed = "", days] = process.argv.slice(2);
let written = 0;
for (const { site } of liveMonth(seed, { days: days === undefined ? undefined : Number(days) })) {
  const line = `${JSON.stringify(site.log.slice(written))}\n`;
  written = site.log.length;
  if (!process.stdout.write(line)) await once(process.stdout, "drain");
}
