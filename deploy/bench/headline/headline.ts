import { figureOf, quantile, type Row } from "../figure.ts";
import { liveOldWay } from "../old-way/live.ts";
import type { Setting } from "../setting.ts";
import { headlineMonth } from "./month.ts";
import { refusedWords } from "./refusals.ts";
import { liveTagwire } from "./tagwire.ts";
import { countLate, lagWords } from "./upload-lag.ts";

/** The same month each time, so that runs can be compared; it is over, since no device knows the future. */
const seed = "the headline";
const startMs = Date.UTC(2025, 4, 5);
const fewerConflictsMin = 0.99;

const secondsOf = (ms: readonly number[], share: number): number =>
  ms.length === 0 ? 0 : quantile(ms, share) / 1_000;

/**
 * One month of the house, the same scans by the same people, once by stand-alone scanners and a poller, once by Tagwire. The old way, from a
 * model of its description, stands where floors stand: what it is measured against.
 */
export const measureHeadline = async (setting: Setting): Promise<Row[]> => {
  const { headlineItems: items, headlineDays: days } = setting.sizes;
  const month = headlineMonth({ seed, startMs, items, days });
  const old = liveOldWay(month);
  const web = await liveTagwire(setting, month);
  const rowOf = (what: string, unit: string, [before, after]: readonly [number, number], note = ""): Row => ({
    ...{ measurement: "headline", what: `${what}, beside the old way`, unit, note },
    ...{ floor: figureOf([before]), product: figureOf([after]) },
  });
  const { uploads, late } = countLate(month.uploads);
  const rows: Row[] = [
    {
      ...rowOf(
        `scans that never came, of ${month.scans.length.toLocaleString("en-US")}`,
        "scans",
        [old.missed, web.missed],
        `${days} days of ${items} items; ${(old.leftBehind * 100).toFixed(1)} % of sessions ended when the poller had stopped looking; ${web.events} events, chain holds; Tagwire's have come by their event, ${web.answered} by the answer that a person gave to a refusal; refused for something else, which nobody answers: ${refusedWords(web.leftRefused)}; of ${web.unseen} the screen was told nothing`,
      ),
      target: { text: "none", isMet: web.missed === 0 },
    },
    rowOf("items in a wrong state at the end", "items", [old.wrong, web.wrong]),
    {
      ...rowOf("conflicts", "conflicts", [old.conflicts, web.conflicts]),
      note: `at the ends of two hours in a row the record or the managers' copy says something else than the newest scan that was handed in; they stood for ${old.thingHours} and ${web.thingHours} hours of an item`,
      target: {
        text: `≥ ${fewerConflictsMin * 100} % fewer`,
        isMet: web.conflicts <= old.conflicts * (1 - fewerConflictsMin),
      },
    },
    rowOf("rows that say a scan again", "rows", [old.duplicates, web.duplicates]),
    rowOf(
      "scan → managers can see it, p50",
      "s",
      [secondsOf(old.delaysMs, 0.5), secondsOf(web.delaysMs, 0.5)],
      `what never came has waited until the end of the month, at least; ${lagWords(month.uploads)}`,
    ),
    rowOf(
      "the same, p99",
      "s",
      [secondsOf(old.delaysMs, 0.99), secondsOf(web.delaysMs, 0.99)],
      `${late} of ${uploads} uploads came from devices that were out of reach, which is in it`,
    ),
    {
      ...{ measurement: "headline", what: "the same without the time out of reach, p99", unit: "s" },
      product: figureOf([secondsOf(web.ownDelaysMs, 0.99)]),
    },
    rowOf("requests", "requests", [old.requests, web.requests], "the old way polls at night, too"),
    rowOf(
      "bytes on the wire",
      "bytes",
      [old.bytes, web.bytes],
      "Tagwire's with heads, and with one screen that follows",
    ),
  ];
  return rows;
};
