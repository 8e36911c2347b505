import type { AlertKind, AlertRule, CreateAlertRule, SavedAlertRule, Severity } from "@tagwire/messages";
import { type FormEvent, useRef, useState } from "react";
import { uuidv7 } from "uuidv7";
import { createRule, patchRule } from "../../api/alerts.ts";
import { Button } from "../../look/button.tsx";
import { SelectField, TextField } from "../../look/field.tsx";
import { useSite } from "../../site-context.ts";
import { kindWords, severityShown } from "../../words/alerts.ts";
import { paramsOf, type RuleTexts, ruleDefaults, ruleFields, textsOf, wrongField } from "./rule-fields.ts";
import { RuleInput } from "./rule-input.tsx";
import { type Telling, TellingFields, tellingOf, tellingPatch, wrongTelling } from "./telling-fields.tsx";

type Props = { rule?: AlertRule; onSaved: (rule: SavedAlertRule) => void; onLeave: () => void };

/** A rule to make, or one to change: its kind stays, since its alerts are of that kind. */
export const RuleForm = ({ rule, onSaved, onLeave }: Props) => {
  const site = useSite();
  const newId = useRef(uuidv7());
  const [kind, setKind] = useState<AlertKind>(rule?.kind ?? "overdue");
  const [texts, setTexts] = useState<RuleTexts>(
    rule === undefined ? ruleDefaults.overdue : textsOf(rule.kind, rule.params),
  );
  const [name, setName] = useState(rule?.name ?? "");
  const [severity, setSeverity] = useState<Severity>(rule?.severity ?? "warning");
  const [telling, setTelling] = useState<Telling>(tellingOf(rule));
  const [wrong, setWrong] = useState<string>();
  const [mend, setMend] = useState<string>();
  const [isBusy, setBusy] = useState(false);

  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const field = wrongField(kind, texts);
    setMend(name.trim() === "" ? "rule name" : field?.name);
    const wrongly = wrongTelling(telling);
    setWrong(wrongly);
    if (name.trim() === "" || field !== undefined || wrongly !== undefined) return;
    setBusy(true);
    const said = {
      ...{ name: name.trim(), severity, params: paramsOf(kind, texts) },
      ...tellingPatch(telling, rule),
    };
    const answer =
      rule === undefined
        ? await createRule(site.id, { id: newId.current, rule: { kind, ...said } as CreateAlertRule })
        : await patchRule(site.id, { id: rule.id, patch: said });
    setBusy(false);
    setWrong(answer.kind === "refused" ? answer.refusal.message : undefined);
    if (answer.kind === "ok") onSaved(answer.value);
  };
  return (
    <form
      aria-label={rule === undefined ? "New rule" : `Change ${rule.name}`}
      noValidate
      className="grid gap-4 border-t border-line bg-sunken px-4 py-4 sm:px-5"
      onSubmit={(event) => void save(event)}
    >
      <div className="grid items-start gap-3 sm:grid-cols-3">
        <SelectField
          label="What to watch for"
          disabled={rule !== undefined}
          value={kind}
          hint={kindWords[kind].says}
          onChange={({ target: { value } }) => {
            setKind(value as AlertKind);
            setTexts(ruleDefaults[value as AlertKind]);
          }}
        >
          {Object.entries(kindWords).map(([each, { word }]) => (
            <option key={each} value={each}>
              {word}
            </option>
          ))}
        </SelectField>
        <TextField
          label="Name"
          value={name}
          maxLength={120}
          error={mend === "rule name" ? "Say what it is called." : undefined}
          onChange={(event) => setName(event.target.value)}
        />
        <SelectField
          label="Severity"
          value={severity}
          hint="Critical ones are told in quiet hours, too."
          onChange={(event) => setSeverity(event.target.value as Severity)}
        >
          {Object.entries(severityShown).map(([each, { word }]) => (
            <option key={each} value={each}>
              {word}
            </option>
          ))}
        </SelectField>
        {ruleFields[kind].map((field) => (
          <RuleInput
            key={`${kind} ${field.name}`}
            field={field}
            value={texts[field.name] ?? ""}
            isWrong={mend === field.name}
            onChange={(value) => setTexts({ ...texts, [field.name]: value })}
          />
        ))}
      </div>
      <TellingFields telling={telling} onChange={setTelling} />
      {wrong !== undefined && (
        <p role="alert" className="text-sm font-semibold break-words text-missing">
          {wrong}
        </p>
      )}
      <div className="flex flex-wrap gap-2">
        <Button kind="primary" type="submit" disabled={isBusy}>
          {rule === undefined ? "Watch for it" : "Save"}
        </Button>
        <Button kind="quiet" onClick={onLeave}>
          Leave it
        </Button>
      </div>
    </form>
  );
};
