import { SelectField, TextField } from "../../look/field.tsx";
import { type SchemeFields as Fields, schemeWords } from "./tag-scheme.ts";

type Props = { fields: Fields; onChange: (fields: Fields) => void };

/** Where new tags come from: numbers of GS1, or the firm's own. */
export const SchemeFields = ({ fields, onChange }: Props) => {
  const change = (more: Partial<Fields>): void => onChange({ ...fields, ...more });
  return (
    <>
      <SelectField
        label="Kind of tag"
        value={fields.scheme}
        onChange={(event) => change({ scheme: event.target.value as Fields["scheme"] })}
      >
        {Object.entries(schemeWords).map(([scheme, word]) => (
          <option key={scheme} value={scheme}>
            {word}
          </option>
        ))}
      </SelectField>
      {fields.scheme === "prefix" ? (
        <TextField
          label="Beginning"
          hint="Hex digits that all of the firm's own tags begin with."
          maxLength={16}
          value={fields.prefix}
          onChange={(event) => change({ prefix: event.target.value.trim() })}
        />
      ) : (
        <TextField
          label="GS1 company prefix"
          inputMode="numeric"
          maxLength={12}
          value={fields.companyPrefix}
          onChange={(event) => change({ companyPrefix: event.target.value.trim() })}
        />
      )}
      {fields.scheme === "sgtin-96" && (
        <TextField
          label="Item reference"
          hint="The indicator digit first."
          inputMode="numeric"
          maxLength={7}
          value={fields.itemReference}
          onChange={(event) => change({ itemReference: event.target.value.trim() })}
        />
      )}
    </>
  );
};
