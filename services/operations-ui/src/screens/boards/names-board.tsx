import { useEffect, useState } from "react";
import { fetchPrefetchFigures, type PrefetchFigures } from "../../api/prefetch.ts";
import { Panel, Waiting } from "../../look/panel.tsx";
import { type HeldSet, openPrefetch, readSet } from "../../prefetch/database.ts";
import { useNames } from "../../prefetch/names.ts";
import { useSite } from "../../site-context.ts";
import { countText, instantText } from "../../words/time.ts";
import { Figures } from "./board-table.tsx";

const armWords = { predicted: "What is expected", recents: "Only what was scanned lately" } as const;
const share = (value: number | null): string => (value === null ? "–" : `${(value * 100).toFixed(1)} %`);
const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(2)} MB`;

/** What devices hold ahead of their scans, and what that was worth: of this device, and of the site. */
export const NamesBoard = () => (
  <>
    <ThisDevice />
    <OfSite />
  </>
);

const ThisDevice = () => {
  const { id, timeZone } = useSite();
  const names = useNames();
  const [set, setSet] = useState<HeldSet>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another set is the reason to read
  useEffect(() => {
    let isLeft = false;
    void openPrefetch().then(async (database) => {
      const held = await readSet(database, id);
      database.close();
      if (!isLeft) setSet(held);
    });
    return () => {
      isLeft = true;
    };
  }, [id, names]);
  if (set === undefined)
    return (
      <Panel title="Names on this device">
        <Waiting>This device holds no names of this site yet.</Waiting>
      </Panel>
    );
  return (
    <Panel title="Names on this device">
      <p className="px-4 pb-3 text-sm sm:px-5">
        {set.device} holds revision {set.revision}, taken {instantText(set.takenAtMs, timeZone)}. Today it
        gets: {armWords[set.arm].toLowerCase()}
        {set.arm === "recents" && ", one day in ten, to compare with"}. A name here is a guess: the record
        decides.
      </p>
      <Figures
        of={[
          { word: "Names held", value: countText(names.size) },
          { word: "Scans with a name", value: countText(set.hits) },
          { word: "Scans without", value: countText(set.misses) },
        ]}
      />
    </Panel>
  );
};

const OfSite = () => {
  const { id } = useSite();
  const [figures, setFigures] = useState<PrefetchFigures>();
  const [wrong, setWrong] = useState<string>();
  useEffect(() => {
    const leave = new AbortController();
    void fetchPrefetchFigures(id, leave.signal).then((answer) => {
      if (leave.signal.aborted) return;
      if (answer.kind === "ok") setFigures(answer.value);
      setWrong(answer.kind === "refused" ? answer.refusal.message : undefined);
    });
    return () => leave.abort();
  }, [id]);
  if (figures === undefined)
    return (
      <Panel title="Names at the site">
        <Waiting>{wrong ?? "Waiting for figures…"}</Waiting>
      </Panel>
    );
  const { arms, uplift, from, to } = figures;
  return (
    <Panel title="Names at the site">
      <p className="px-4 pb-3 text-sm sm:px-5">
        From {from} to {to}.{" "}
        {uplift === null
          ? "Too little was counted to compare the two."
          : `What is expected finds ${share(uplift.value)} more (95 %: ${share(uplift.low)} to ${share(uplift.high)}).`}
      </p>
      {arms.length === 0 ? (
        <Waiting>No device has scanned with a set yet.</Waiting>
      ) : (
        arms.map((arm) => (
          <section key={arm.arm} aria-label={armWords[arm.arm]} className="border-t border-line pt-3">
            <h3 className="px-4 pb-2 text-sm font-semibold sm:px-5">{armWords[arm.arm]}</h3>
            <Figures
              of={[
                {
                  word: "Hits",
                  value: share(arm.hitRatio),
                  note: `${countText(arm.hits)} of ${countText(arm.lookups)}`,
                },
                {
                  word: "Precision",
                  value: share(arm.precision),
                  note: `${countText(arm.used)} of ${countText(arm.prefetched)}`,
                },
                { word: "Waste", value: megabytes(arm.wasteBytes) },
                { word: "Stale", value: share(arm.staleRatio) },
                {
                  word: "Unknown offline",
                  value: countText(arm.offlineMisses),
                  note: `of ${countText(arm.offlineLookups)}`,
                },
                { word: "Device-days", value: countText(arm.deviceDays) },
              ]}
            />
          </section>
        ))
      )}
    </Panel>
  );
};
