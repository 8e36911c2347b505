import type { PortalSide, ReaderAbilities, Station } from "@tagwire/messages";
import { Plus, X } from "lucide-react";
import { Button } from "../../look/button.tsx";
import { SelectField, TextField } from "../../look/field.tsx";
import { type AntennaDraft, withAntenna } from "./reader-draft.ts";

type Props = {
  antennas: readonly AntennaDraft[];
  abilities: ReaderAbilities;
  stations: readonly Station[];
  /** The station of the reader, for antennas that name none of their own. */
  ofReader: string;
  onChange: (antennas: readonly AntennaDraft[]) => void;
};

const sideWords: Record<PortalSide, string> = { inside: "Inside", outside: "Outside" };

/** The antennas that are used: where each looks, what it is bound to, and how strongly it sends where the reader can be told. */
export const AntennaFields = ({ antennas, abilities, stations, ofReader, onChange }: Props) => (
  <div className="col-span-full grid gap-3">
    {antennas.length === 0 && (
      <p className="text-sm text-soft">
        No antenna is named: all that the reader has are used, at the station of the reader.
      </p>
    )}
    {antennas.map((antenna) => (
      <OneAntenna
        key={antenna.key}
        {...{ antenna, abilities, stations, ofReader }}
        onChange={(change) =>
          onChange(antennas.map((one) => (one.key === antenna.key ? { ...one, ...change } : one)))
        }
        onRemove={() => onChange(antennas.filter((one) => one.key !== antenna.key))}
      />
    ))}
    {antennas.length < abilities.antennasMax && (
      <Button className="justify-self-start" onClick={() => onChange(withAntenna(antennas))}>
        <Plus aria-hidden="true" className="size-4" />
        Add an antenna
      </Button>
    )}
  </div>
);

type OneProps = Pick<Props, "abilities" | "stations" | "ofReader"> & {
  antenna: AntennaDraft;
  onChange: (change: Partial<AntennaDraft>) => void;
  onRemove: () => void;
};

const OneAntenna = ({ antenna, abilities, stations, ofReader, onChange, onRemove }: OneProps) => {
  const bound = stations.find(({ id }) => id === (antenna.station || ofReader));
  const looksAtPortal = bound?.mode === "portal" || antenna.side !== "";
  return (
    <fieldset className="grid min-w-0 items-start gap-3 rounded-md border border-line bg-sunken p-3 sm:grid-cols-[5rem_repeat(auto-fit,minmax(9rem,1fr))]">
      <legend className="sr-only">Antenna {antenna.port}</legend>
      <TextField
        label="Port"
        inputMode="numeric"
        value={antenna.port}
        readOnly={abilities.antennasMax === 1}
        onChange={(event) => onChange({ port: event.target.value })}
      />
      <TextField
        label="Place"
        value={antenna.place}
        placeholder={bound?.place ?? "none"}
        onChange={(event) => onChange({ place: event.target.value })}
      />
      <StationField
        value={antenna.station}
        stations={stations}
        nothing={ofReader === "" ? "None" : `As the reader: ${ofReader}`}
        onChange={(station) => onChange({ station })}
      />
      {looksAtPortal && (
        <SelectField
          label="Looks"
          value={antenna.side}
          onChange={(event) => onChange({ side: event.target.value as AntennaDraft["side"] })}
        >
          <option value="">At no side</option>
          {(Object.keys(sideWords) as PortalSide[]).map((side) => (
            <option key={side} value={side}>
              {sideWords[side]}
            </option>
          ))}
        </SelectField>
      )}
      {abilities.power === "each" && (
        <TextField
          label="Power (dBm)"
          inputMode="decimal"
          value={antenna.powerDbm}
          placeholder="as it is"
          onChange={(event) => onChange({ powerDbm: event.target.value })}
        />
      )}
      <Button kind="quiet" className="self-end justify-self-start" onClick={onRemove}>
        <X aria-hidden="true" className="size-4" />
        Remove
      </Button>
    </fieldset>
  );
};

type StationProps = {
  value: string;
  stations: readonly Station[];
  nothing: string;
  onChange: (station: string) => void;
};

/** A station of the site, or one that a file has named and that is not there yet. */
export const StationField = ({ value, stations, nothing, onChange }: StationProps) => (
  <SelectField label="Station" value={value} onChange={(event) => onChange(event.target.value)}>
    <option value="">{nothing}</option>
    {stations.map(({ id }) => (
      <option key={id} value={id}>
        {id}
      </option>
    ))}
    {value !== "" && stations.every(({ id }) => id !== value) && (
      <option value={value}>{value}: there is none</option>
    )}
  </SelectField>
);
