import { useEffect } from "react";
import { useLive } from "../live/use-live.ts";
import { useSettings, useStation } from "./station.ts";

/**
 * Watches the session that this device scans into, whatever is shown and at whichever site: once it is over, nobody may wait for a device that
 * only lies there. Reads the view itself, so that it knows also while the figures of the page are held still.
 */
export const JoinedWatch = () => {
  const live = useLive();
  const station = useStation();
  const { session } = useSettings();
  const { site, id } = session ?? {};
  useEffect(() => {
    if (site === undefined || id === undefined) return;
    const open = live.view({ site, view: "sessions", filter: { state: "open" } });
    let wasOver = false;
    const look = (): void => {
      const { whole, rows } = open.get();
      if (!whole) return;
      const isOver = !rows.has(id);
      // Whoever has just joined may be ahead of the view: then it is there a moment later, and may go away again.
      if (isOver && !wasOver) station.over({ site, session: id });
      wasOver = isOver;
    };
    const leave = open.subscribe(look);
    look();
    return leave;
  }, [live, station, site, id]);
  return null;
};
