import { ChoiceField } from "../../look/choice-field.tsx";
import { SelectField, TextField } from "../../look/field.tsx";
import type { RuleField } from "./rule-fields.ts";

type Props = { field: RuleField; value: string; isWrong: boolean; onChange: (value: string) => void };

/** One field of a rule's form, by what it asks for. */
export const RuleInput = ({ field, value, isWrong, onChange }: Props) => {
  const { label, how, choices = [], hint = "", isOptional } = field;
  const named = isOptional === true ? `${label} (optional)` : label;
  if (how === "choices") {
    const chosen = value.split("; ").filter((each) => each !== "");
    return (
      <ChoiceField
        label={named}
        choices={choices}
        chosen={chosen}
        onChange={(next) => onChange(next.join("; "))}
      />
    );
  }
  if (how === "choice")
    return (
      <SelectField label={named} value={value} onChange={(event) => onChange(event.target.value)}>
        {choices.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </SelectField>
    );
  const isNumber = how === "number";
  return (
    <TextField
      label={named}
      hint={hint}
      value={value}
      inputMode={isNumber ? "decimal" : "text"}
      error={isWrong ? (isNumber ? "Say a number." : "This cannot be read as it should be.") : undefined}
      onChange={(event) => onChange(event.target.value)}
    />
  );
};
