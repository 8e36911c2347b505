import { expect, test } from "vitest";
import { figureSubjectWords } from "./figure-words.ts";

test.each([
  ["/totals/total", "all items"],
  ["/totals/quarantined", "scans of unknown tags"],
  ["/statuses/on_rent", "items that are on rent"],
  ["/classes/6m frame/missing", "items missing of class 6m frame"],
  ["/classes/a~1b/total", "all items of class a/b"],
  ["/categories/Tents/missing >= 3", "items missing of category Tents >= 3"],
  ["/categories/Tents/subcategories/Frames/out", "items out of category Tents, Frames"],
  ["/lag/p95Ms", "p95 in ms, from device to record"],
  ["/minutes/0/scans", "scans in a minute"],
  ["/boards/contracts/counts/overdue", "contracts overdue"],
  ["/boards/contracts/counts/overdue >= 20", "contracts overdue >= 20"],
  ["/boards/contracts/counts/byKind/laundry", "contracts, by kind laundry"],
  ["/boards/sessions/counts/idle", "sessions left alone"],
  ["/boards/queues/counts/wash.linen/items", "items in wash of the linen crew"],
  ["/boards/utilisation/totals/idle", "items idle"],
  ["/boards/utilisation/rows/tent/utilisation", "utilisation of class tent"],
  ["/boards/lag/deviceToRecord/p99Ms", "p99 in ms, from device to record"],
  ["/boards/lag/recordToScreen/p99Ms", "p99 in ms, from record to screen"],
  ["/boards/throughput/rows/device.sled.1/lastHour/scans", "scans of device sled.1 in the last hour"],
  [
    "/boards/throughput/totals/person/lastDay/rejected >= 20",
    "scans rejected of all people in the last 24 hours >= 20",
  ],
  [
    "/boards/throughput/totals/reader/lastDay/alreadyApplied",
    "scans already applied of all readers in the last 24 hours",
  ],
  ["/boards/prefetch/arms/predicted/hitRatio", "hit ratio of devices that hold what is predicted"],
  ["/boards/prefetch/sources/due/precision", "precision of prefetch source due"],
  ["/boards/prefetch/uplift/low", "hit ratio that predicting adds, low end of it"],
  ["/boards/stale/items", "items not scanned for too long"],
  ["/boards/stale/rest/items", "items not scanned for too long, without a limit of their own"],
  ["/boards/stale/limits/resale/items", "items not scanned for too long, limit resale"],
  ["/boards/flagged/lastDay/scans", "scans late, flagged or rejected in the last 24 hours"],
  ["/boards/flagged/lastHour/marks/return_not_recorded", "scans marked return not recorded in the last hour"],
])("%s is called %s", (key, words) => {
  expect(figureSubjectWords(key)).toBe(words);
});
