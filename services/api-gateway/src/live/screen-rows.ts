import { answer, ask, type Bus, type Subscription, say } from "@tagwire/bus";
import {
  AskScreens,
  AskSites,
  Fault,
  type LagMinute,
  type LiveDelta,
  lagMinutesDefault,
  liveSubject,
  minuteLastsUntil,
} from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { readScreenRows, type ScreenMinuteSum, type WrittenScreens } from "../store/screen-lags.ts";

/** No history of what screens said is ever restored: rows that were made anew are told by their generation. */
const epoch = 1;
const minuteMs = 60_000;

const rowOf = ({ minute, counts, maxMs }: ScreenMinuteSum): LagMinute & { readonly validUntil: string } => ({
  ...{ minute, counts: [...counts], maxMs },
  validUntil: minuteLastsUntil(minute, lagMinutesDefault),
});

const checkSite = async (bus: Bus, site: string): Promise<void> => {
  const { sites } = await ask(bus, AskSites, {});
  if (!sites.some(({ id }) => id === site)) throw new Fault("site_unknown", site);
};

/** Tells whoever follows the view `screens` what screens have said lately, to all gateways. */
export const answerScreens = (bus: Bus, sql: Sql): Subscription =>
  answer(bus, AskScreens, async ({ site }) => {
    const from = new Date(Date.now() - lagMinutesDefault * minuteMs).toISOString();
    const { generation, pos, minutes } = await readScreenRows(sql, site, from);
    if (pos === 0) await checkSite(bus, site);
    const rows = minutes.map((one) => ({ key: one.minute, version: pos, ...rowOf(one) }));
    return { epoch, generation, pos, rows };
  });

/** Says on `live.<site>.screens` what was kept. Said once; who misses a message sees the gap in the positions and asks again. */
export const sayScreens = (bus: Bus, { site, generation, pos, minutes }: WrittenScreens): void => {
  if (!bus.isConnected()) return;
  const delta: LiveDelta = {
    ...{ site, epoch, generation, prev: pos - 1, pos, at: new Date().toISOString(), traces: [] },
    changes: minutes.map((one) => ({ key: one.minute, version: pos, put: rowOf(one) })),
  };
  say(bus, liveSubject(site, "screens"), delta);
};
