import { type Logger, pino } from "pino";

/** A log for tests of what is logged, and its lines as whoever keeps logs gets them. */
export const keptLog = (): { readonly log: Logger; readonly lines: readonly Record<string, unknown>[] } => {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ base: null }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  return { log, lines };
};
