import { type FormEvent, useState, useSyncExternalStore } from "react";
import { Button } from "../../look/button.tsx";
import { TextField } from "../../look/field.tsx";
import type { Station } from "../../scan/station.ts";
import type { SessionKeeper } from "../../session-keeper.ts";
import { countOf } from "../../words/time.ts";
import { Entry } from "./entry.tsx";

type Props = {
  keeper: SessionKeeper;
  notice: string | undefined;
  station: Station;
};

/** Sign-in by API key. A sign-in link needs no form: it is taken from the address before this is ever shown. */
export const SignIn = ({ keeper, notice, station: { outbox } }: Props) => {
  // Those without an answer go on being sent once their makers have signed in.
  const { waiting, absent: makers } = useSyncExternalStore(outbox.subscribe, outbox.get);
  const [key, setKey] = useState("");
  const [wrong, setWrong] = useState<string>();
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (key.trim() === "") return setWrong("Paste the key first.");
    setBusy(true);
    setWrong(await keeper.signInWithKey(key.trim()));
    setBusy(false);
  };

  return (
    <Entry
      title="Sign in"
      note={notice ?? "Open the sign-in link that was printed when Tagwire started, or use an API key."}
    >
      {waiting > 0 && (
        <p className="mt-4 rounded-md bg-missing-wash p-3 text-sm font-semibold text-missing">
          {countOf(waiting, "scan")} not confirmed yet, and saved on this device: what is missing is sent when{" "}
          {makers.join(" and ")} signs in again, and under no other name.
        </p>
      )}
      <form className="mt-8 grid gap-5" onSubmit={(event) => void submit(event)} noValidate>
        <TextField
          label="API key"
          type="password"
          name="key"
          autoComplete="current-password"
          value={key}
          onChange={(event) => setKey(event.target.value)}
          error={wrong}
        />
        <Button kind="primary" type="submit" disabled={busy} className="hit-large text-base">
          {busy ? "Signing in…" : "Sign in"}
        </Button>
      </form>
    </Entry>
  );
};
