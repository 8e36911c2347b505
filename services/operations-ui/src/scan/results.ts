import { useMemo } from "react";
import type { Row } from "../outbox/rows.ts";
import { useSite } from "../site-context.ts";
import { type Turned, useOutbox, useStationState } from "./station.ts";

/** What became of the scans of one site. */
export type Results = {
  /** Newest first. */
  readonly rows: readonly Row[];
  /** How many wait for an answer, of all pages of this browser. */
  readonly waiting: number;
  /** Who has to sign in again before all of them can be sent. */
  readonly absent: readonly string[];
  readonly turned: Turned | undefined;
  readonly turnedScans: number;
};

/** What became of scans at the site that is shown: one device scans at several, and each tells its own. */
export const useResults = (): Results => {
  const { id } = useSite();
  const { rows, waitingAt, absent } = useOutbox();
  const { turned, turnedScans } = useStationState();
  return {
    rows: useMemo(() => rows.filter(({ site }) => site === id), [rows, id]),
    waiting: waitingAt.get(id) ?? 0,
    absent,
    turned: turned?.site === id ? turned : undefined,
    turnedScans: turnedScans.get(id) ?? 0,
  };
};
