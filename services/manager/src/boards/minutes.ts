import { dashboardMinutes } from "@tagwire/messages";
import { lagRow, lagWindowMinutes } from "../actors/lag.ts";
import { rowChanges } from "../actors/live-messages.ts";
import { foldMinutes, lagRows, type Minutes, minuteRows, minutesSince } from "../actors/minute.ts";
import { isScan } from "../actors/scan-outcome.ts";
import { findMinutes, saveMinutes } from "../store/minutes.ts";
import { board } from "./board.ts";

/** What each minute of scanning came to, and from the newest of them how long scans take to be recorded. */
export const minutes = board<Minutes, { readonly known: Minutes; readonly changed: Minutes }>({
  name: "minutes.2",
  tables: ["minute_figures"],
  concerns: isScan,
  find: findMinutes,
  fold: (known, { happenings }) => ({ known, changed: foldMinutes(known, happenings) }),
  save: (transaction, changes) =>
    saveMinutes(transaction, new Map([...changes].map(([site, { changed }]) => [site, changed]))),
  news: ({ known, changed }, { pos, nowMs }) => {
    const recent = minutesSince(new Map([...known, ...changed]), nowMs, lagWindowMinutes);
    const shown = minutesSince(changed, nowMs, dashboardMinutes);
    return {
      dashboard: rowChanges([lagRow(recent, pos), ...minuteRows(shown, pos)]),
      lag: rowChanges(lagRows(shown, pos)),
    };
  },
});
