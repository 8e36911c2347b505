import { Panel, Waiting } from "../../look/panel.tsx";
import { Legend } from "../plan/legend.tsx";
import { columnsFor, layOut } from "../plan/plan.ts";
import { PlanDrawing } from "../plan/plan-drawing.tsx";
import { usePlan } from "../plan/use-plan.ts";

/** The floor plan as large as the wall is. */
export const WallPlan = () => {
  const figures = usePlan(0);
  const zones = layOut(figures.places, figures.zones, columnsFor(false, figures.places.length));
  return (
    <Panel title="Floor plan" fresh={figures.fresh}>
      {!figures.isRead ? (
        <Waiting>{figures.wrong ?? "Waiting for figures…"}</Waiting>
      ) : zones.length === 0 ? (
        <Waiting>No place is known yet.</Waiting>
      ) : (
        <div className="grid gap-2 px-4 pb-4 sm:px-5">
          <PlanDrawing {...{ zones, figures }} />
          <Legend />
        </div>
      )}
    </Panel>
  );
};
