import { TextField } from "../look/field.tsx";
import { workWords } from "../words/work.ts";
import { FlagPicker } from "./flag-picker.tsx";
import { useStation, useStationState } from "./station.ts";

/** The work that makes things ready again: who did it, what was done, and what else there is to say. */
export const WorkFields = () => {
  const station = useStation();
  const { settings, person } = useStationState();
  const { work } = settings;
  const change = (part: Partial<typeof work>): void => station.change({ work: { ...work, ...part } });
  return (
    <>
      <FlagPicker
        legend="Work done"
        words={workWords}
        chosen={work.done}
        onChoose={(done) => change({ done })}
      />
      <div className="grid grid-cols-[repeat(auto-fit,minmax(9rem,1fr))] items-start gap-3">
        <TextField
          label="Technician (optional)"
          value={work.technician}
          maxLength={120}
          placeholder={person ?? ""}
          hint={person === undefined ? undefined : `Without one it is ${person}.`}
          className="hit-large"
          onChange={(event) => change({ technician: event.target.value })}
        />
        <TextField
          label="Note (optional)"
          value={work.note}
          maxLength={500}
          className="hit-large"
          onChange={(event) => change({ note: event.target.value })}
        />
      </div>
    </>
  );
};
