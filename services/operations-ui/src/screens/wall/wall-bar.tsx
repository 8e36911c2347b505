import { ChevronLeft, ChevronRight, LogOut, Pause, Play, SlidersHorizontal } from "lucide-react";
import { useState } from "react";
import { Button, buttonClass } from "../../look/button.tsx";
import { ChoiceField } from "../../look/choice-field.tsx";
import { SelectField } from "../../look/field.tsx";
import { go } from "../../route.ts";
import { useSite } from "../../site-context.ts";
import { PlaceLink } from "../place-link.tsx";
import { secondsChoices, type WallPanel, type WallPlan, wallPanels, wallQuery } from "./wall-panels.ts";

type Props = {
  plan: WallPlan;
  isPaused: boolean;
  isShown: boolean;
  onPause: () => void;
  onTurn: (by: number) => void;
};

const names = Object.keys(wallPanels) as readonly WallPanel[];

/** What a wall is told by hand: out of sight until somebody moves, and always within reach of the keyboard. */
export const WallBar = ({ plan, isPaused, isShown, onPause, onTurn }: Props) => {
  const site = useSite();
  const [isChosen, setChosen] = useState(false);
  const change = (next: Partial<WallPlan>): void =>
    go({ site: site.id, screen: "wall", query: wallQuery({ ...plan, ...next }) }, "replace");
  const isRound = plan.panels.length > 1;
  return (
    <section
      aria-label="This wall"
      className={`fixed inset-x-0 bottom-0 z-40 border-t border-edge bg-panel px-4 py-2 text-[1rem] transition-opacity focus-within:opacity-100 ${isShown || isChosen ? "opacity-100" : "opacity-0"}`}
    >
      {isChosen && (
        <div className="flex flex-wrap items-end gap-x-6 gap-y-2 pb-2">
          <ChoiceField
            label="Panels; one alone stays"
            choices={names}
            chosen={plan.panels}
            words={wallPanels}
            onChange={(panels) => panels.length > 0 && change({ panels: panels as WallPanel[] })}
          />
          <div className="w-40">
            <SelectField
              label="Each for"
              value={plan.seconds}
              onChange={({ target }) => change({ seconds: Number(target.value) })}
            >
              {secondsChoices.map((seconds) => (
                <option key={seconds} value={seconds}>
                  {seconds} seconds
                </option>
              ))}
            </SelectField>
          </div>
        </div>
      )}
      <div className="flex flex-wrap items-center justify-center gap-2">
        {isRound && (
          <>
            <Button kind="quiet" onClick={() => onTurn(-1)}>
              <ChevronLeft aria-hidden="true" className="size-5" />
              Back
            </Button>
            <Button onClick={onPause}>
              {isPaused ? (
                <Play aria-hidden="true" className="size-5" />
              ) : (
                <Pause aria-hidden="true" className="size-5" />
              )}
              {isPaused ? "Go round" : "Stay here"}
            </Button>
            <Button kind="quiet" onClick={() => onTurn(1)}>
              Next
              <ChevronRight aria-hidden="true" className="size-5" />
            </Button>
          </>
        )}
        <Button kind="quiet" aria-expanded={isChosen} onClick={() => setChosen(!isChosen)}>
          <SlidersHorizontal aria-hidden="true" className="size-5" />
          Panels
        </Button>
        <PlaceLink place={{ site: site.id, screen: "live" }} className={buttonClass("quiet")}>
          <LogOut aria-hidden="true" className="size-5" />
          Leave the wall
        </PlaceLink>
      </div>
    </section>
  );
};
