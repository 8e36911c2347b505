import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { uuidv7 } from "uuidv7";
import { fetchClasses, type Provisioned, provisionTags } from "../../api/commissioning.ts";
import { Button } from "../../look/button.tsx";
import { TextField } from "../../look/field.tsx";
import { useSite } from "../../site-context.ts";
import { countOf } from "../../words/time.ts";
import { SchemeFields } from "./scheme-fields.tsx";
import { type Proposal, readLastScheme, readScheme, storeLastScheme } from "./tag-scheme.ts";

/** Tags of one act; it is what the record takes, written out since it stands beside schemas there. */
export const quantityMax: number = 5_000;

/** Which classes there are, as far as they were described; another may be named all the same. */
const useClassNames = (site: string): readonly string[] => {
  const [names, setNames] = useState<readonly string[]>([]);
  useEffect(() => {
    const leave = new AbortController();
    void fetchClasses(site, leave.signal).then((answer) => {
      if (answer.kind === "ok") setNames(answer.value.data.map(({ class: name }) => name));
    });
    return () => leave.abort();
  }, [site]);
  return names;
};

/** New tags for things of a class: how many, of which numbers, and what such a number looks like before it is given. */
export const ProvisionForm = ({ onMade }: { onMade: (made: Provisioned, name: string) => void }) => {
  const site = useSite();
  const classes = useClassNames(site.id);
  const listId = useId();
  const id = useRef(uuidv7());
  const [name, setName] = useState("");
  const [quantity, setQuantity] = useState("");
  const [place, setPlace] = useState("");
  const [reuseSold, setReuseSold] = useState(false);
  const [fields, setFields] = useState(() => readLastScheme(site.id));
  const [isAsked, setAsked] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const read = readScheme(fields);
  const count = /^[1-9]\d*$/.test(quantity.trim()) ? Number(quantity) : 0;
  const nameWrong = name.trim() === "" ? "Say what class they are of." : undefined;
  const countWrong = count === 0 || count > quantityMax ? `A number from 1 to ${quantityMax}.` : undefined;
  const make = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setAsked(true);
    if (nameWrong !== undefined || countWrong !== undefined || "wrong" in read) return;
    setBusy(true);
    const where = place.trim() === "" ? {} : { place: place.trim() };
    const body = {
      class: name.trim(),
      quantity: count,
      tags: read.scheme,
      ...where,
      ...(reuseSold ? { reuseSold } : {}),
    };
    const answer = await provisionTags(site.id, body, id.current);
    setBusy(false);
    setWrong(answer.kind === "refused" ? answer.refusal.message : undefined);
    // Without an answer nobody knows whether they were made: asked again, it is the same act and makes no second set.
    if (answer.kind === "refused" && answer.refusal.status !== 0) id.current = uuidv7();
    if (answer.kind !== "ok") return;
    id.current = uuidv7();
    storeLastScheme(site.id, fields);
    setAsked(false);
    setQuantity("");
    onMade(answer.value, name.trim());
  };
  return (
    <form
      aria-label="New tags"
      noValidate
      className="grid gap-3 px-4 pb-4 sm:px-5"
      onSubmit={(event) => void make(event)}
    >
      <div className="grid items-start gap-3 sm:grid-cols-3">
        <TextField
          label="Class"
          list={listId}
          maxLength={80}
          value={name}
          error={isAsked ? nameWrong : undefined}
          onChange={(event) => setName(event.target.value)}
        />
        <datalist id={listId}>
          {classes.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
        <TextField
          label="How many"
          inputMode="numeric"
          maxLength={5}
          value={quantity}
          error={isAsked ? countWrong : undefined}
          onChange={(event) => setQuantity(event.target.value)}
        />
        <TextField
          label="Place (optional)"
          maxLength={64}
          value={place}
          onChange={(event) => setPlace(event.target.value)}
        />
        <label className="hit flex items-center gap-2 text-sm font-semibold">
          <input
            type="checkbox"
            className="size-5"
            checked={reuseSold}
            onChange={(event) => setReuseSold(event.target.checked)}
          />
          Use tags of sold things first
        </label>
        <SchemeFields fields={fields} onChange={setFields} />
      </div>
      {"wrong" in read ? (
        <p
          role={isAsked ? "alert" : undefined}
          className={isAsked ? "text-sm font-semibold text-missing" : "text-sm text-soft"}
        >
          {read.wrong}
        </p>
      ) : (
        <Proposed proposal={read.proposal} />
      )}
      {wrong !== undefined && (
        <p role="alert" className="text-sm font-semibold break-words text-missing">
          {wrong}
        </p>
      )}
      <Button kind="primary" type="submit" className="justify-self-start" disabled={isBusy}>
        {count > 0 && countWrong === undefined ? `Make ${countOf(count, "tag")}` : "Make the tags"}
      </Button>
    </form>
  );
};

const Proposed = ({ proposal: { tag, uri } }: { proposal: Proposal }) => (
  <p className="text-sm">
    Such a tag is <span className="font-mono font-semibold break-all">{tag}</span>
    {uri !== undefined && <span className="break-all text-soft"> ({uri})</span>}. The record gives the numbers
    at the end: none was ever given before.
  </p>
);
