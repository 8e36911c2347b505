/** The day and the time of day, `YYYY-MM-DD` and `HH:MM`, by the clock of a time zone. */
const localOf = (atMs: number, timeZone: string): { readonly day: string; readonly time: string } => {
  const parts = new Intl.DateTimeFormat("en-CA", {
    ...{ timeZone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit" },
    ...{ hour: "2-digit", minute: "2-digit" },
  }).formatToParts(atMs);
  const of = (type: Intl.DateTimeFormatPartTypes) => parts.find((part) => part.type === type)?.value ?? "";
  return { day: `${of("year")}-${of("month")}-${of("day")}`, time: `${of("hour")}:${of("minute")}` };
};

/**
 * The day whose pull is due, by the clock of a site: today's once its time of day has come, and none before. A time that a clock leaps over in
 * spring is due right after; one that comes twice in autumn is due once, since it is the day that is done.
 */
export const dueDay = (atMs: number, timeZone: string, at: string): string | undefined => {
  const { day, time } = localOf(atMs, timeZone);
  return time >= at ? day : undefined;
};
