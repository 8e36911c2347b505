import type { ContractKind } from "@tagwire/messages";
import { type FormEvent, useRef, useState } from "react";
import { uuidv7 } from "uuidv7";
import { openContract } from "../../api/contracts.ts";
import { Button } from "../../look/button.tsx";
import { SelectField, TextField } from "../../look/field.tsx";
import { go } from "../../route.ts";
import { useSite } from "../../site-context.ts";
import { kindWords } from "../../words/contracts.ts";
import { instantIn, zoneText } from "../../words/time.ts";
import { ClassField } from "./class-field.tsx";
import { useMinute } from "./site-time.ts";

type Line = { readonly id: number; readonly class: string; readonly quantity: string };

const emptyLine = (id: number): Line => ({ id, class: "", quantity: "" });
/** A line that nobody has begun to fill says nothing. */
const isSaid = (line: Line): boolean => line.class.trim() !== "" || line.quantity.trim() !== "";
const isWhole = ({ class: name, quantity }: Line): boolean =>
  name.trim() !== "" && /^[1-9]\d{0,5}$/.test(quantity.trim());

type Props = {
  /** One that only scans have named so far; without it a new one is stated. */
  readonly named?: { readonly number: string; readonly kind: ContractKind };
  readonly onLeave: () => void;
};

/** States a contract: number, client, days and what was ordered. */
export const ContractForm = ({ named, onLeave }: Props) => {
  const site = useSite();
  const now = useMinute();
  const id = useRef(uuidv7());
  const [number, setNumber] = useState(named?.number ?? "");
  const [kind, setKind] = useState<ContractKind>(named?.kind ?? "rental");
  const [client, setClient] = useState("");
  const [outAt, setOutAt] = useState("");
  const [dueAt, setDueAt] = useState("");
  const [lines, setLines] = useState<readonly Line[]>([emptyLine(0)]);
  const [wrong, setWrong] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const change = (line: Line): void => {
    const next = lines.map((each) => (each.id === line.id ? line : each));
    setLines(next.every(isSaid) ? [...next, emptyLine(next.length)] : next);
  };
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const said = lines.filter(isSaid);
    if (number.trim() === "") return setWrong("Give the contract a number.");
    if (!said.every(isWhole)) return setWrong("Each line needs a class and how many of it.");
    setBusy(true);
    const answer = await openContract(site.id, {
      id: id.current,
      contract: {
        ...{ number: number.trim(), kind },
        ...(client.trim() === "" ? {} : { client: client.trim() }),
        ...(outAt === "" ? {} : { outAt: instantIn(outAt, site.timeZone) }),
        ...(dueAt === "" ? {} : { dueAt: instantIn(dueAt, site.timeZone) }),
        lines: said.map((line) => ({ class: line.class.trim(), quantity: Number(line.quantity) })),
      },
    });
    setBusy(false);
    if (answer.kind === "refused") {
      // What is said differently the next time is another request.
      id.current = uuidv7();
      return setWrong(answer.refusal.message);
    }
    if (answer.kind !== "ok") return;
    if (named !== undefined) return onLeave();
    const query = new URLSearchParams({ board: "contracts", contract: answer.value.number });
    go({ site: site.id, screen: "boards", query });
  };
  return (
    <form
      aria-label={named === undefined ? "New contract" : `What contract ${named.number} is`}
      noValidate
      className="mx-4 mb-3 grid gap-3 rounded-md bg-sunken p-3 sm:mx-5"
      onSubmit={(event) => void save(event)}
      // What was wrong is no longer so, or is said again by the next try.
      onChange={() => setWrong(undefined)}
    >
      <div className="grid items-start gap-3 sm:grid-cols-3">
        <TextField
          label="Number"
          value={number}
          readOnly={named !== undefined}
          onChange={(event) => setNumber(event.target.value)}
        />
        <SelectField
          label="Kind"
          value={kind}
          onChange={(event) => setKind(event.target.value as ContractKind)}
        >
          {Object.entries(kindWords).map(([each, word]) => (
            <option key={each} value={each}>
              {word}
            </option>
          ))}
        </SelectField>
        <TextField
          label="Client (optional)"
          value={client}
          onChange={(event) => setClient(event.target.value)}
        />
        <TextField
          label="Goes out (optional)"
          type="datetime-local"
          value={outAt}
          onChange={(event) => setOutAt(event.target.value)}
        />
        <TextField
          label="Due back (optional)"
          hint={`${zoneText(now, site.timeZone)}: the site's own.`}
          type="datetime-local"
          value={dueAt}
          onChange={(event) => setDueAt(event.target.value)}
        />
      </div>
      {lines.map((line, index) => (
        <div key={line.id} className="grid grid-cols-[1fr_7rem] items-start gap-2">
          <ClassField
            label={`Class of line ${index + 1}`}
            value={line.class}
            onWrite={(name) => change({ ...line, class: name })}
          />
          <TextField
            label="How many"
            inputMode="numeric"
            value={line.quantity}
            onChange={(event) => change({ ...line, quantity: event.target.value })}
          />
        </div>
      ))}
      {wrong !== undefined && (
        <p role="alert" className="text-sm font-semibold break-words text-missing">
          {wrong}
        </p>
      )}
      <div className="flex flex-wrap gap-2">
        <Button kind="primary" type="submit" disabled={isBusy}>
          {named === undefined ? "Open the contract" : "State it"}
        </Button>
        <Button kind="quiet" onClick={onLeave}>
          Not now
        </Button>
      </div>
    </form>
  );
};
