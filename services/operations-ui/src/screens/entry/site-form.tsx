import type { Site } from "@tagwire/messages";
import { type FormEvent, useState } from "react";
import { createSite } from "../../api/sites.ts";
import { Button } from "../../look/button.tsx";
import { TextField } from "../../look/field.tsx";

const idPattern = /^[a-z0-9-]{1,32}$/;

/** An id that fits the name, as a proposal: `North Depot` becomes `north-depot`. */
const idFrom = (name: string): string =>
  name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 32);

/** Opens a site: its name, its id in every address, and its time zone. */
export const SiteForm = ({ onCreated }: { onCreated: (site: Site) => void }) => {
  const [name, setName] = useState("");
  const [ownId, setOwnId] = useState<string>();
  const [timeZone, setTimeZone] = useState(Intl.DateTimeFormat().resolvedOptions().timeZone);
  const [wrong, setWrong] = useState<string>();
  const [busy, setBusy] = useState(false);
  const id = ownId ?? idFrom(name);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (name.trim() === "") return setWrong("Give the site a name.");
    if (!idPattern.test(id)) return setWrong("The id is 1 to 32 of a–z, 0–9 and hyphen.");
    setBusy(true);
    const answer = await createSite({ id, name: name.trim(), timeZone });
    setBusy(false);
    if (answer.kind === "ok") return onCreated(answer.value);
    if (answer.kind === "signed_out") return;
    setWrong(answer.refusal.message);
  };

  return (
    <form className="grid gap-5" onSubmit={(event) => void submit(event)} noValidate>
      <TextField
        label="Name"
        value={name}
        onChange={(event) => setName(event.target.value)}
        placeholder="North depot"
      />
      <TextField
        label="Id"
        value={id}
        onChange={(event) => setOwnId(event.target.value)}
        hint="Part of every address. It cannot be changed later."
      />
      <TextField
        label="Time zone"
        value={timeZone}
        onChange={(event) => setTimeZone(event.target.value)}
        hint="Times are shown in the zone of the site."
      />
      {wrong && (
        <p role="alert" className="text-sm font-semibold text-missing">
          {wrong}
        </p>
      )}
      <Button kind="primary" type="submit" disabled={busy} className="hit-large justify-self-start text-base">
        {busy ? "Creating…" : "Create site"}
      </Button>
    </form>
  );
};
