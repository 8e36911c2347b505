import { Minus, PencilRuler, Plus, Table2 } from "lucide-react";
import { useRef, useState } from "react";
import { putZone } from "../../api/zones.ts";
import { Button } from "../../look/button.tsx";
import { Panel, Waiting } from "../../look/panel.tsx";
import { narrow, useMedia } from "../../look/use-media.ts";
import { WrongSaid } from "../../look/wrong-said.tsx";
import { useSite } from "../../site-context.ts";
import { countOf } from "../../words/time.ts";
import { HistoryPanel } from "../readers/history-panel.tsx";
import { useAct } from "../use-act.ts";
import { Legend } from "./legend.tsx";
import { columnsFor, cornersText, layOut, type PlanZone, readCorners } from "./plan.ts";
import { PlanDrawing } from "./plan-drawing.tsx";
import { PlanTable } from "./plan-table.tsx";
import { type PlanFigures, usePlan } from "./use-plan.ts";
import { drawnText, ZoneForm } from "./zone-form.tsx";

const zooms = [1, 1.5, 2, 3, 4] as const;

/** The floor of the site: which place lies where, how much is there, and when it was seen last. */
export const PlanBoard = () => {
  const [turn, setTurn] = useState(0);
  const figures = usePlan(turn);
  const isNarrow = useMedia(narrow);
  const [asTable, setAsTable] = useState(false);
  const [isEdited, setEdited] = useState(false);
  const [zoom, setZoom] = useState(0);
  const draft = useDraft(figures.zones);
  const { places, zones: drawn, counts } = figures;
  const zones = layOut(places, drawn, columnsFor(isNarrow, places.length));
  const items = [...counts.values()].reduce((sum, count) => sum + count.items, 0);
  const saved = (): void => {
    setTurn(turn + 1);
    draft.clear();
  };
  return (
    <>
      <Panel
        title="Floor plan"
        fresh={figures.fresh}
        aside={
          figures.isRead && (
            <>
              <Button kind="quiet" aria-pressed={isEdited} onClick={() => setEdited(!isEdited)}>
                <PencilRuler aria-hidden="true" className="size-4" />
                {isEdited ? "Done drawing" : "Draw zones"}
              </Button>
              <Button kind="quiet" className="-mr-3" onClick={() => setAsTable(!asTable)}>
                <Table2 aria-hidden="true" className="size-4" />
                {asTable ? "Show as plan" : "Show as table"}
              </Button>
            </>
          )
        }
      >
        {!figures.isRead ? (
          <Waiting>{figures.wrong ?? "Waiting for figures…"}</Waiting>
        ) : zones.length === 0 ? (
          <Waiting>
            No place is known yet. Scan something at a place, or draw one: it stands on the plan at once.
          </Waiting>
        ) : (
          <p className="px-4 pb-2 text-sm text-soft tabular-nums sm:px-5">
            {countOf(items, "item")} at {countOf(zones.length, "place")}
            {figures.isCut && " or more"}; {laidOutText(zones)}
          </p>
        )}
        {isEdited && figures.isRead && (
          <>
            <ZoneForm
              places={places}
              place={draft.place}
              corners={draft.corners}
              isDrawn={drawn.some(({ place }) => place === draft.place.trim())}
              onPlace={(place) => draft.choose(place, zones)}
              onCorners={draft.setCorners}
              onSaved={saved}
            />
            <KeepLayout zones={zones} onSaved={saved} />
          </>
        )}
        {figures.isRead && zones.length + (isEdited ? 1 : 0) > 0 && (
          <div className="grid gap-2 px-4 pb-4 sm:px-5">
            {asTable && !isEdited ? (
              <PlanTable zones={zones} figures={figures} />
            ) : (
              <>
                <section
                  aria-label="The plan, larger or smaller"
                  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
                  tabIndex={0}
                  className="max-h-[78vh] overflow-auto"
                >
                  <div style={{ width: `${(zooms[zoom] ?? 1) * 100}%` }}>
                    <PlanDrawing
                      {...{ zones, figures }}
                      {...(isEdited
                        ? {
                            draft: readCorners(draft.corners),
                            editing: draft.place.trim(),
                            onPointer: draft.point,
                          }
                        : {})}
                    />
                  </div>
                </section>
                <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
                  <Legend />
                  <div className="ml-auto flex">
                    <Button
                      kind="quiet"
                      aria-label="Smaller"
                      disabled={zoom === 0}
                      onClick={() => setZoom(zoom - 1)}
                    >
                      <Minus aria-hidden="true" className="size-4" />
                    </Button>
                    <Button
                      kind="quiet"
                      aria-label="Larger"
                      disabled={zoom === zooms.length - 1}
                      onClick={() => setZoom(zoom + 1)}
                    >
                      <Plus aria-hidden="true" className="size-4" />
                    </Button>
                  </div>
                </div>
              </>
            )}
          </div>
        )}
      </Panel>
      {isEdited &&
        draft.place.trim() !== "" &&
        places.concat(drawn.map(({ place }) => place)).includes(draft.place.trim()) && (
          <HistoryPanel key={draft.place.trim()} about="zone" id={draft.place.trim()} />
        )}
    </>
  );
};

const laidOutText = (zones: readonly PlanZone[]): string => {
  const laidOut = zones.filter(({ isDrawn }) => !isDrawn).length;
  if (laidOut === 0) return "all of them are drawn.";
  return `nobody has drawn ${laidOut === zones.length ? "them" : `${laidOut} of them`} yet: laid out by name, with a dashed edge.`;
};

/** What is drawn and not kept yet. */
const useDraft = (drawn: PlanFigures["zones"]) => {
  const [place, setPlace] = useState("");
  const [corners, setCorners] = useState("");
  const from = useRef<{ x: number; y: number }>(undefined);
  return {
    ...{ place, corners, setCorners },
    choose: (name: string, zones: readonly PlanZone[]): void => {
      setPlace(name);
      const zone =
        drawn.find((each) => each.place === name.trim()) ?? zones.find((each) => each.place === name.trim());
      if (zone !== undefined) setCorners(cornersText(zone.points));
    },
    point: (what: "down" | "move" | "up", at: { x: number; y: number }): void => {
      if (what === "down") from.current = at;
      if (from.current !== undefined && what !== "down") setCorners(drawnText(from.current, at));
      if (what === "up") from.current = undefined;
    },
    clear: (): void => {
      setPlace("");
      setCorners("");
    },
  };
};

/** Keeps the places where they are laid out, each as if somebody had drawn it. */
const KeepLayout = ({ zones, onSaved }: { zones: readonly PlanZone[]; onSaved: () => void }) => {
  const site = useSite();
  const act = useAct();
  const laidOut = zones.filter(({ isDrawn }) => !isDrawn);
  if (laidOut.length === 0) return null;
  const keep = async (): Promise<void> => {
    for (const { place, points } of laidOut)
      if ((await act.run(() => putZone(site.id, place, { points: [...points] }))) === undefined) break;
    onSaved();
  };
  return (
    <div className="mx-4 mb-3 flex flex-wrap items-center gap-3 text-sm sm:mx-5">
      <Button disabled={act.busy} onClick={() => void keep()}>
        {act.busy ? "Keeping…" : `Keep the layout of ${countOf(laidOut.length, "place")}`}
      </Button>
      <span className="text-soft">They stay where they are when other places come.</span>
      <WrongSaid wrong={act.wrong} />
    </div>
  );
};
