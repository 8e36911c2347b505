import { minuteText, statedText } from "./time.ts";

/** Instants as a service writes them into its sentences: `2026-11-28 12:03 UTC`, `2026-11-28T12:03:11.204Z`. */
const written = /(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)(?::\d\d(?:\.\d+)?Z| UTC)/g;
/** The same of today, as a time alone. */
const timeAlone = /(?<![\d-]) (\d\d:\d\d) UTC/g;

/**
 * A sentence of a service with its times in the site's zone, as everywhere on this page; a service says them in UTC, since it does not know who
 * reads it.
 */
export const withSiteTimes = (text: string, timeZone: string, nowMs: number): string =>
  text
    .replace(written, (_, day: string, time: string) => statedText(`${day}T${time}:00Z`, timeZone))
    .replace(timeAlone, (_, time: string) => {
      const at = `${new Date(nowMs).toISOString().slice(0, 10)}T${time}:00Z`;
      return ` ${minuteText(at, timeZone)} (${timeZone})`;
    });
