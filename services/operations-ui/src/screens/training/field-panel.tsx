import type { TrainingField } from "@tagwire/messages";
import { type FormEvent, useState } from "react";
import { Button } from "../../look/button.tsx";
import { SelectField, TextField } from "../../look/field.tsx";
import { Panel } from "../../look/panel.tsx";
import { useStation } from "../../scan/station.ts";
import { useSite } from "../../site-context.ts";
import { modeWords, sessionModes } from "../../words/sessions.ts";
import { countOf } from "../../words/time.ts";
import { createSchool, practiceClasses, practiceStations, type School } from "./school.ts";
import { useDeed } from "./use-deed.ts";

const unknownWord = "A tag that nobody knows";

/** The trainer's own hands: anything before the reader, at any of its stations, without an exercise. */
export const FieldPanel = () => {
  const site = useSite();
  const { outbox } = useStation();
  const [mode, setMode] = useState<keyof typeof practiceStations>("checkout");
  const [what, setWhat] = useState<string>(practiceClasses[0]);
  const [count, setCount] = useState("3");
  const [field, setField] = useState<TrainingField>();
  const { wrong, run } = useDeed();

  const hands = (act: (school: School) => Promise<TrainingField>) =>
    run(async () => setField(await act(createSchool(site.id, outbox))));
  const put = (event: FormEvent): void => {
    event.preventDefault();
    const station = practiceStations[mode];
    const number = Number.parseInt(count, 10) || 1;
    const wish = what === unknownWord ? { unknown: number } : { class: what, count: number };
    void hands((school) => school.put({ station, ...wish }));
  };
  return (
    <Panel title="By hand">
      <form className="grid gap-3 px-4 pb-4 sm:px-5" onSubmit={put}>
        <SelectField
          label="Station"
          value={mode}
          onChange={(event) => setMode(event.target.value as keyof typeof practiceStations)}
        >
          {sessionModes.map((one) => (
            <option key={one} value={one}>
              {modeWords[one]}
            </option>
          ))}
        </SelectField>
        <SelectField label="What" value={what} onChange={(event) => setWhat(event.target.value)}>
          {[...practiceClasses, unknownWord].map((word) => (
            <option key={word}>{word}</option>
          ))}
        </SelectField>
        <TextField
          label="How many"
          inputMode="numeric"
          value={count}
          onChange={(event) => setCount(event.target.value)}
        />
        <div className="flex flex-wrap gap-2">
          <Button kind="primary" type="submit">
            Put
          </Button>
          <Button onClick={() => void hands((school) => school.take())}>Take all away</Button>
          <Button onClick={() => void hands((school) => school.walk("out"))}>Walk out</Button>
          <Button onClick={() => void hands((school) => school.walk("in"))}>Walk in</Button>
        </div>
        {wrong !== undefined && (
          <p role="alert" className="text-sm font-semibold text-missing">
            {wrong}
          </p>
        )}
        {field !== undefined && (
          <p role="status" className="text-sm">
            {countOf(field.tags.length, "tag")} lying before the reader, {field.walking.length} walking.
          </p>
        )}
      </form>
    </Panel>
  );
};
