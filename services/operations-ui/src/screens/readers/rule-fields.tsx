import type { TagIdentity } from "@tagwire/messages";
import { SelectField, TextField } from "../../look/field.tsx";
import { identityWords, type RuleTexts, ruleFields } from "./rule-texts.ts";

type Props = { texts: RuleTexts; placeholder: string; set: (texts: RuleTexts) => void };

/** What reads are held to, a field for each rule. What is left empty is as the `placeholder` says. */
export const RuleFields = ({ texts, placeholder, set }: Props) => (
  <>
    {ruleFields.map(({ name, word, unit }) => (
      <TextField
        key={name}
        label={`${word} (${unit})`}
        inputMode="decimal"
        value={texts[name]}
        placeholder={placeholder}
        onChange={(event) => set({ ...texts, [name]: event.target.value })}
      />
    ))}
    <TextField
      label="Wanted tags begin with"
      value={texts.tags}
      placeholder={placeholder}
      hint="Hex, urn:epc:id:… or https:…, with spaces between. Other tags are heard and lead to nothing."
      onChange={(event) => set({ ...texts, tags: event.target.value })}
    />
    <SelectField
      label="A tag is known by"
      value={texts.identity}
      onChange={(event) => set({ ...texts, identity: event.target.value as TagIdentity | "" })}
    >
      <option value="">{placeholder}</option>
      {Object.entries(identityWords).map(([identity, words]) => (
        <option key={identity} value={identity}>
          {words}
        </option>
      ))}
    </SelectField>
  </>
);
