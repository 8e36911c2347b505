import { useId } from "react";
import { SelectField, TextField } from "../look/field.tsx";
import { useSite } from "../site-context.ts";
import { scanTypes, scanTypeWords, serviceStatuses, serviceWords } from "../words/scans.ts";
import { ConditionPicker } from "./condition-picker.tsx";
import { ContractHint } from "./contract-hint.tsx";
import { SessionField } from "./session-field.tsx";
import { ofType, saysCondition, saysWork, sessionAt } from "./settings.ts";
import { useSettings, useStation, useStationState } from "./station.ts";
import { WorkFields } from "./work-fields.tsx";

/** How the next scans are meant. */
export const ScanSettingsForm = () => {
  const site = useSite();
  const station = useStation();
  const { settings, lacksContractAt } = useStationState();
  const shown = scanTypeWords[settings.type];
  // The contract of a session is that of its scans, where they name none.
  const needsContract = shown.contract === "needed" && sessionAt(settings, site.id) === undefined;
  return (
    <div className="grid gap-4">
      <TypePicker />
      <div className="grid grid-cols-[repeat(auto-fit,minmax(9rem,1fr))] items-start gap-3">
        {shown.contract !== "unused" && (
          <TextField
            label={needsContract ? "Contract" : "Contract (optional)"}
            value={settings.contract}
            maxLength={40}
            required={needsContract}
            className="hit-large"
            hint={
              needsContract && settings.contract.trim() !== "" && <ContractHint typed={settings.contract} />
            }
            error={lacksContractAt === site.id ? "Enter it, then scan again." : undefined}
            onChange={(event) => station.change({ contract: event.target.value })}
          />
        )}
        {shown.status && (
          <SelectField
            label="Becomes"
            className="hit-large"
            value={settings.status}
            onChange={(event) => {
              const status = serviceStatuses.find((each) => each === event.target.value);
              if (status !== undefined) station.change({ status });
            }}
          >
            {serviceStatuses.map((status) => (
              <option key={status} value={status}>
                {serviceWords[status]}
              </option>
            ))}
          </SelectField>
        )}
        <TextField
          label="Place (optional)"
          value={settings.place}
          maxLength={64}
          className="hit-large"
          onChange={(event) => station.change({ place: event.target.value })}
        />
        <div className="col-span-full">
          <SessionField />
        </div>
      </div>
      {saysCondition(settings) && <ConditionPicker />}
      {saysWork(settings) && <WorkFields />}
    </div>
  );
};

const TypePicker = () => {
  const station = useStation();
  const settings = useSettings();
  const name = useId();
  return (
    <fieldset>
      <legend className="pb-1 text-sm font-semibold">
        The item <span className="font-normal text-soft">{scanTypeWords[settings.type].means}</span>
      </legend>
      <div className="grid grid-cols-4 gap-1.5">
        {scanTypes.map((type) => {
          const { icon: Icon, word } = scanTypeWords[type];
          return (
            <label
              key={type}
              className="hit-large relative grid cursor-pointer place-content-center justify-items-center gap-0.5 rounded-md border border-edge bg-panel px-1 py-2 text-xs font-semibold hover:bg-raised has-checked:border-transparent has-checked:bg-primary has-checked:text-on-primary has-focus-visible:outline-3 has-focus-visible:outline-offset-2 has-focus-visible:outline-focus"
            >
              <input
                type="radio"
                name={name}
                value={type}
                checked={settings.type === type}
                onChange={() => station.change(ofType(settings, type))}
                className="absolute inset-0 cursor-pointer opacity-0"
              />
              <Icon aria-hidden="true" className="size-5" />
              {word}
            </label>
          );
        })}
      </div>
    </fieldset>
  );
};
