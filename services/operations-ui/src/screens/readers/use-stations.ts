import type { Station } from "@tagwire/messages";
import { useCallback } from "react";
import type { Refusal } from "../../api/http.ts";
import { fetchStations } from "../../api/stations.ts";
import { useView } from "../../live/use-live.ts";
import { useReading } from "../laundry/use-reading.ts";

const none: readonly Station[] = [];

/**
 * The stations of a site, read again when the log says that one was set, and when `turn` is another: whoever set one here wants to see it
 * before the log has heard of it.
 */
export const useStations = (
  site: string,
  turn = 0,
): {
  readonly stations: readonly Station[];
  readonly isRead: boolean;
  readonly refusal: Refusal | undefined;
} => {
  const { rows } = useView(site, "events", { type: "station.configured" });
  const read = useCallback((signal: AbortSignal) => fetchStations(site, signal), [site]);
  const { value, refusal } = useReading(read, `${turn} ${[...rows.keys()].at(-1) ?? ""}`);
  return { stations: value?.data ?? none, isRead: value !== undefined, refusal };
};
