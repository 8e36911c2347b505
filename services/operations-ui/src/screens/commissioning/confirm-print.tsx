import { useRef, useState } from "react";
import { uuidv7 } from "uuidv7";
import { type Confirmed, confirmTags } from "../../api/commissioning.ts";
import { Button } from "../../look/button.tsx";
import { SelectField, TextField } from "../../look/field.tsx";
import { WrongSaid } from "../../look/wrong-said.tsx";
import { useSite } from "../../site-context.ts";
import { countOf } from "../../words/time.ts";
import { tagsIn } from "../find/sought.ts";
import { useAct } from "../use-act.ts";
import { LabelFiles } from "./label-files.tsx";

type Fate = "retire" | "reprint";
const fates: Record<Fate, string> = { reprint: "Print them again", retire: "Give their tags up" };

const saidOf = ({ ready, retired, reprint, unchanged }: Confirmed): string =>
  [
    `${countOf(ready.length, "tag")} ready to rent`,
    ...(retired.length === 0 ? [] : [`${retired.length} retired`]),
    ...(reprint.length === 0 ? [] : [`${reprint.length} to be printed again`]),
    ...(unchanged.length === 0 ? [] : [`${unchanged.length} waited no more and stay as they are`]),
  ].join(", ");

/** After the printer: what came out well is ready to rent, what came out wrong is named. Until then the tags only wait. */
export const ConfirmPrint = ({ tags }: { tags: readonly string[] }) => {
  const site = useSite();
  const act = useAct();
  const id = useRef(uuidv7());
  const [text, setText] = useState("");
  const [fate, setFate] = useState<Fate>("reprint");
  const [done, setDone] = useState<Confirmed>();
  const known = new Set(tags);
  const misprints = [...new Set(tagsIn(text))];
  const strangers = misprints.filter((tag) => !known.has(tag));
  const error = strangers.length === 0 ? undefined : `Not among these tags: ${strangers.join(", ")}.`;
  const good = tags.filter((tag) => !misprints.includes(tag));
  const confirm = async () => {
    const body = { tags: good, misprints: misprints.map((tag) => ({ tag, fate })) };
    const answer = await act.run(() => confirmTags(site.id, body, id.current));
    if (answer === undefined) return;
    id.current = uuidv7();
    setText("");
    setDone(answer);
  };
  return (
    <section aria-label="Confirm after print" className="grid gap-3 border-t border-line pt-3">
      <p className="text-sm">
        Once the labels are printed, say so: their tags are ready to rent from then on.
      </p>
      <div className="grid items-start gap-3 sm:grid-cols-2">
        <TextField
          label="Misprints (optional)"
          hint="Tags of labels that came out wrong, with commas between."
          value={text}
          error={error}
          onChange={(event) => {
            setText(event.target.value);
            id.current = uuidv7();
          }}
        />
        <SelectField
          label="What becomes of misprints"
          value={fate}
          onChange={(event) => setFate(event.target.value as Fate)}
        >
          {Object.entries(fates).map(([name, word]) => (
            <option key={name} value={name}>
              {word}
            </option>
          ))}
        </SelectField>
      </div>
      <Button
        kind="primary"
        className="justify-self-start"
        disabled={act.busy || error !== undefined}
        onClick={() => void confirm()}
      >
        Confirm {countOf(good.length, "label")}
      </Button>
      <WrongSaid wrong={act.wrong} />
      {done !== undefined && <p role="status">{saidOf(done)}.</p>}
      {done !== undefined && done.reprint.length > 0 && <LabelFiles tags={done.reprint} />}
    </section>
  );
};
