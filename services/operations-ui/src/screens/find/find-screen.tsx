import { useCallback, useEffect, useState } from "react";
import { Button } from "../../look/button.tsx";
import { Waiting } from "../../look/panel.tsx";
import { go, useRoute } from "../../route.ts";
import { divertScans } from "../../scan/diverted.ts";
import { useStationState } from "../../scan/station.ts";
import { useSite } from "../../site-context.ts";
import { countOf, countText } from "../../words/time.ts";
import { AddTags } from "./add-tags.tsx";
import { BigMeter } from "./big-meter.tsx";
import { bandOf, nearnessOf } from "./nearness.ts";
import { soughtMax, soughtOf, soughtQuery, tagsIn } from "./sought.ts";
import { SoughtRow } from "./sought-row.tsx";
import { useFind } from "./use-find.ts";
import { useTicking } from "./use-ticking.ts";

/** Rows that are drawn; what is listened for is all of it. */
const rowsShownMax = 40;

const readingText = (reading: number | undefined): string => {
  if (reading === undefined) return "Asking the readers…";
  if (reading === 0) return "No reader reads at this site. Start one, or go where the thing was seen last.";
  return `${countOf(reading, "reader")} ${reading === 1 ? "listens" : "listen"}.`;
};

/** Looks for things by how loud their tags are, like a Geiger counter. Nothing of it is recorded. */
export const FindScreen = () => {
  const site = useSite();
  const { query } = useRoute();
  const { settings } = useStationState();
  const [isSounding, setSounding] = useState(!settings.muted);
  const [pinned, setPinned] = useState<string>();
  const [turned, setTurned] = useState(0);
  const queryText = query.toString();
  const sought = soughtOf(query);
  const set = useCallback(
    (next: readonly string[]) => go({ site: site.id, screen: "find", query: soughtQuery(next) }, "replace"),
    [site.id],
  );
  const add = useCallback(
    (tags: readonly string[]) => {
      const all = [...new Set([...soughtOf(new URLSearchParams(queryText)), ...tags])];
      setTurned(Math.max(0, all.length - soughtMax));
      set(all.slice(0, soughtMax));
    },
    [queryText, set],
  );
  const drop = useCallback(
    (tag: string) => set(soughtOf(new URLSearchParams(queryText)).filter((each) => each !== tag)),
    [queryText, set],
  );
  const pin = useCallback((tag: string) => setPinned((before) => (before === tag ? undefined : tag)), []);
  useEffect(() => divertScans((tags) => add(tags.flatMap(tagsIn))), [add]);

  const { heard, reading, wrong, nowMs } = useFind(sought);
  const nearness = (tag: string): number => nearnessOf(heard.get(tag), nowMs);
  const loudest = sought.reduce<string | undefined>(
    (best, tag) => (best === undefined || nearness(tag) > nearness(best) ? tag : best),
    undefined,
  );
  const shown = pinned !== undefined && sought.includes(pinned) ? pinned : loudest;
  useTicking(shown === undefined ? 0 : nearness(shown), isSounding);
  return (
    <div className="grid gap-3 p-3 sm:p-4">
      <div className="flex flex-wrap items-center gap-x-3">
        <h2 className="text-lg font-semibold tracking-tight">Find</h2>
        {sought.length > 0 && (
          <p role={reading === 0 ? "alert" : "status"} className="text-sm text-soft">
            {readingText(reading)}
          </p>
        )}
        {sought.length > 1 && (
          <Button kind="quiet" className="hit-large ml-auto" onClick={() => set([])}>
            Look for nothing
          </Button>
        )}
      </div>
      {shown !== undefined && (
        <BigMeter
          {...{ tag: shown, heard: heard.get(shown), nearness: nearness(shown), nowMs, isSounding }}
          onSound={() => setSounding(!isSounding)}
        />
      )}
      <AddTags onAdd={add} />
      {turned > 0 && (
        <p role="alert" className="text-sm font-semibold text-missing">
          {countText(soughtMax)} tags are looked for at once: {countOf(turned, "tag")} left out.
        </p>
      )}
      {wrong !== undefined && (
        <p role="alert" className="text-sm font-semibold text-missing">
          {wrong}
        </p>
      )}
      <section aria-label="What is looked for" className="panel">
        {sought.length === 0 ? (
          <Waiting>Nothing is looked for yet.</Waiting>
        ) : (
          <ul>
            {sought.slice(0, rowsShownMax).map((tag) => (
              <SoughtRow
                key={tag}
                tag={tag}
                percent={Math.round(nearness(tag) * 100)}
                band={bandOf(nearness(tag))}
                isPinned={pinned === tag}
                onPin={pin}
                onFound={drop}
              />
            ))}
          </ul>
        )}
        {sought.length > rowsShownMax && (
          <p className="border-t border-line px-4 py-3 text-sm text-soft sm:px-5">
            And {countOf(sought.length - rowsShownMax, "more tag")}, listened for all the same.
          </p>
        )}
      </section>
    </div>
  );
};
