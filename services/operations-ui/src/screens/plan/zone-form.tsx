import type { ZonePoint } from "@tagwire/messages";
import { type FormEvent, useState } from "react";
import { deleteZone, putZone } from "../../api/zones.ts";
import { Button } from "../../look/button.tsx";
import { TextField } from "../../look/field.tsx";
import { SureButton } from "../../look/sure-button.tsx";
import { WrongSaid } from "../../look/wrong-said.tsx";
import { useSite } from "../../site-context.ts";
import { useAct } from "../use-act.ts";
import { cornersText, readCorners } from "./plan.ts";

type Props = {
  places: readonly string[];
  place: string;
  /** The corners as they are written; what is drawn on the plan is written here. */
  corners: string;
  isDrawn: boolean;
  onPlace: (place: string) => void;
  onCorners: (text: string) => void;
  onSaved: () => void;
};

const listId = "places-of-the-plan";

/** Where one place lies: drawn with the pointer on the plan, or written corner by corner; both are the same field. */
export const ZoneForm = ({ places, place, corners, isDrawn, onPlace, onCorners, onSaved }: Props) => {
  const site = useSite();
  const act = useAct();
  const [isChecked, setChecked] = useState(false);
  const points = readCorners(corners);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setChecked(true);
    if (place.trim() === "" || points === undefined) return;
    if ((await act.run(() => putZone(site.id, place.trim(), { points }))) === undefined) return;
    setChecked(false);
    onSaved();
  };
  const takeOff = async (): Promise<void> => {
    if (await act.run(() => deleteZone(site.id, place.trim()))) onSaved();
  };
  return (
    <form
      aria-label="Draw a place"
      noValidate
      onSubmit={(event) => void submit(event)}
      className="mx-4 mb-3 grid items-start gap-3 rounded-md bg-sunken p-3 sm:mx-5 md:grid-cols-[minmax(10rem,1fr)_minmax(14rem,2fr)_auto]"
    >
      <TextField
        label="Place"
        list={listId}
        value={place}
        maxLength={64}
        error={isChecked && place.trim() === "" ? "Say which place this is." : undefined}
        onChange={({ target }) => onPlace(target.value)}
      />
      <datalist id={listId}>
        {places.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
      <TextField
        label="Corners, in metres"
        value={corners}
        inputMode="text"
        hint="As x,y from the upper left: 0,0 10,0 10,6 0,6. Or draw a rectangle on the plan."
        error={isChecked && points === undefined ? "Three corners or more, as 0,0 10,0 10,6." : undefined}
        onChange={({ target }) => onCorners(target.value)}
      />
      <div className="flex flex-wrap gap-2 md:pt-6">
        <Button kind="primary" type="submit" disabled={act.busy}>
          {act.busy ? "Saving…" : "Save zone"}
        </Button>
        {isDrawn && (
          <SureButton sure="Take it off" onSure={() => void takeOff()} disabled={act.busy}>
            Take off the plan
          </SureButton>
        )}
      </div>
      <WrongSaid wrong={act.wrong} />
    </form>
  );
};

/** The outline of a rectangle between two points, to the half metre. */
export const drawnText = (from: ZonePoint, to: ZonePoint): string => {
  const snap = (metres: number): number => Math.max(0, Math.round(metres * 2) / 2);
  const [left, right] = [snap(Math.min(from.x, to.x)), snap(Math.max(from.x, to.x))];
  const [top, bottom] = [snap(Math.min(from.y, to.y)), snap(Math.max(from.y, to.y))];
  return cornersText([
    { x: left, y: top },
    { x: right, y: top },
    { x: right, y: bottom },
    { x: left, y: bottom },
  ]);
};
