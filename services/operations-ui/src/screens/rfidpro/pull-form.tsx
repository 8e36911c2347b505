import type { RfidproDataset } from "@tagwire/messages";
import { type FormEvent, useState } from "react";
import { startPull } from "../../api/rfidpro.ts";
import { Button } from "../../look/button.tsx";
import { useSite } from "../../site-context.ts";
import { datasetWords } from "../../words/rfidpro.ts";

const all = Object.keys(datasetWords) as RfidproDataset[];

type Props = { isRunning: boolean; refused: (why: string | undefined) => void };

/** What is to be read, and the button that reads it. Nothing that it can do changes anything in RFIDpro. */
export const PullForm = ({ isRunning, refused }: Props) => {
  const site = useSite();
  const [chosen, setChosen] = useState<ReadonlySet<RfidproDataset>>(new Set(all));
  const [compare, setCompare] = useState(true);
  const [incremental, setIncremental] = useState(false);
  const [busy, setBusy] = useState(false);
  const choose = (dataset: RfidproDataset, isWanted: boolean): void =>
    setChosen(new Set(all.filter((one) => (one === dataset ? isWanted : chosen.has(one)))));
  const pull = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    const answer = await startPull({ site: site.id, datasets: [...chosen], compare, incremental });
    refused(answer.kind === "refused" ? answer.refusal.message : undefined);
    setBusy(false);
  };
  return (
    <form
      className="flex flex-wrap items-center gap-x-6 gap-y-2 px-4 pb-4 sm:px-5"
      onSubmit={(event) => void pull(event)}
    >
      <Button kind="primary" type="submit" disabled={busy || isRunning || chosen.size === 0}>
        Pull now (read only)
      </Button>
      <fieldset className="flex flex-wrap items-center gap-x-4">
        <legend className="sr-only">What is read</legend>
        {all.map((dataset) => (
          <Choice
            key={dataset}
            label={datasetWords[dataset]}
            checked={chosen.has(dataset)}
            change={(isWanted) => choose(dataset, isWanted)}
          />
        ))}
      </fieldset>
      <Choice label="Compare with our record" checked={compare} change={setCompare} />
      <Choice
        label="Only scans that are new since the last pull"
        checked={incremental}
        change={setIncremental}
      />
    </form>
  );
};

type ChoiceProps = { label: string; checked: boolean; change: (isWanted: boolean) => void };

const Choice = ({ label, checked, change }: ChoiceProps) => (
  <label className="hit inline-flex cursor-pointer items-center gap-2 text-sm">
    <input
      type="checkbox"
      className="size-6 accent-primary"
      checked={checked}
      onChange={(event) => change(event.target.checked)}
    />
    {label}
  </label>
);
