import { abilitiesOf, type CreateReader, type DriverName, type ReaderRegion } from "@tagwire/messages";
import { type FormEvent, useState } from "react";
import { createReader } from "../../api/readers.ts";
import { Button } from "../../look/button.tsx";
import { SelectField, TextField } from "../../look/field.tsx";
import { useSite } from "../../site-context.ts";
import { addressHints, antennasOf, driverWords, regionWords } from "../../words/readers.ts";

/** What is made of a recording, or made up, is set up where it is played. */
const metal = (Object.keys(driverWords) as DriverName[]).filter(
  (driver) => driver !== "replay" && driver !== "training",
);

type Draft = { id: string; driver: DriverName; address: string; places: string; region: ReaderRegion | "" };
const nothing: Draft = { id: "", driver: "llrp", address: "", places: "", region: "" };

const readerOf = ({ id, driver, address, places, region }: Draft): CreateReader => {
  const antennas = antennasOf(places);
  const { regions } = abilitiesOf(driver, address);
  return {
    ...{ id: id.trim(), driver },
    ...(address.trim() === "" || abilitiesOf(driver, address).address === "none"
      ? {}
      : { address: address.trim() }),
    ...(antennas.length === 0 ? {} : { antennas }),
    ...(region !== "" && regions.includes(region) ? { region } : {}),
  };
};

/** A reader is told where it is and what its antennas look at; everything else has a default, and its page changes it. */
export const AddReader = ({ onAdded }: { onAdded: (id: string) => void }) => {
  const site = useSite();
  const [draft, setDraft] = useState(nothing);
  const [isBusy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const { regions, address } = abilitiesOf(draft.driver, draft.address);
  const set = (change: Partial<Draft>) => setDraft({ ...draft, ...change });
  const add = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    const answer = await createReader(site.id, readerOf(draft));
    setBusy(false);
    setWrong(answer.kind === "refused" ? answer.refusal.message : undefined);
    if (answer.kind === "ok") onAdded(answer.value.id);
  };
  return (
    <form
      aria-label="Add a reader"
      className="grid items-start gap-4 border-b border-line px-4 pb-4 sm:grid-cols-2 sm:px-5"
      onSubmit={(event) => void add(event)}
      noValidate
    >
      <TextField
        label="Name"
        value={draft.id}
        hint="a to z, 0 to 9, hyphens: dock-1. It cannot be changed later."
        onChange={(event) => set({ id: event.target.value })}
      />
      <SelectField
        label="Kind"
        value={draft.driver}
        onChange={(event) => set({ driver: event.target.value as DriverName })}
      >
        {metal.map((driver) => (
          <option key={driver} value={driver}>
            {driverWords[driver]}
          </option>
        ))}
      </SelectField>
      {address !== "none" && (
        <TextField
          label="Address"
          value={draft.address}
          hint={addressHints[draft.driver]}
          onChange={(event) => set({ address: event.target.value })}
        />
      )}
      <TextField
        label="What its antennas look at"
        value={draft.places}
        hint="A place for each, in the order of their ports: dock, shelf"
        onChange={(event) => set({ places: event.target.value })}
      />
      {regions.length > 0 && (
        <SelectField
          label="Region"
          value={draft.region}
          hint="Whose rules of the air it keeps."
          onChange={(event) => set({ region: event.target.value as Draft["region"] })}
        >
          <option value="">As the reader is set</option>
          {regions.map((region) => (
            <option key={region} value={region}>
              {regionWords[region]}
            </option>
          ))}
        </SelectField>
      )}
      <div className="flex flex-wrap items-center gap-3 self-end sm:col-span-2">
        <Button kind="primary" type="submit" disabled={isBusy || draft.id.trim() === ""}>
          {isBusy ? "Adding…" : "Add"}
        </Button>
        {wrong !== undefined && (
          <p role="alert" className="text-sm font-semibold text-missing">
            {wrong}
          </p>
        )}
      </div>
    </form>
  );
};
