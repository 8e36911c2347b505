import { type FormEvent, useState } from "react";
import { createKey, fetchKeys, type NewApiKey, revokeKey } from "../../api/keys.ts";
import { Age } from "../../look/age.tsx";
import { Button } from "../../look/button.tsx";
import { TextField } from "../../look/field.tsx";
import { Panel } from "../../look/panel.tsx";
import { SecretOnce } from "../../look/secret-once.tsx";
import { SureButton } from "../../look/sure-button.tsx";
import { WrongSaid } from "../../look/wrong-said.tsx";
import { useAct } from "../use-act.ts";
import { ListedRows } from "./listed.tsx";
import { useListed } from "./use-listed.ts";

/** API keys: made for a name, shown once, and ended. */
export const KeysPanel = () => {
  const { rows: keys, wrong: unread, readAgain } = useListed(fetchKeys);
  const { busy, wrong, run } = useAct();
  const [made, setMade] = useState<NewApiKey>();
  const [name, setName] = useState("");
  const [nameWrong, setNameWrong] = useState<string>();
  const make = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setNameWrong(name.trim() === "" ? "Say whose key it is." : undefined);
    if (name.trim() === "") return;
    const key = await run(() => createKey(name.trim()));
    if (key === undefined) return;
    setMade(key);
    setName("");
    readAgain();
  };
  const revoke = async (id: string): Promise<void> => {
    await run(() => revokeKey(id));
    readAgain();
  };
  return (
    <Panel title="API keys">
      <div className="grid gap-3 px-4 pb-3 sm:px-5">
        <form className="flex flex-wrap items-start gap-2" noValidate onSubmit={(event) => void make(event)}>
          <div className="min-w-56 grow sm:max-w-96">
            <TextField
              label="New key for"
              placeholder="Dock tablet 2"
              maxLength={80}
              value={name}
              error={nameWrong}
              onChange={(event) => setName(event.target.value)}
            />
          </div>
          <Button type="submit" className="mt-6" disabled={busy}>
            Make a key
          </Button>
        </form>
        {made !== undefined && (
          <SecretOnce
            label={`Key for ${made.name}`}
            secret={made.key}
            says="Send it as authorization: Bearer with each request. Only its hash is kept."
            onDone={() => setMade(undefined)}
          />
        )}
        <WrongSaid wrong={wrong ?? unread} />
      </div>
      <ListedRows rows={keys} asking="Asking for the keys…" nothing="There is no key.">
        {(key) => (
          <li
            key={key.id}
            className="flex min-h-14 flex-wrap items-center gap-x-3 gap-y-1 border-t border-line px-4 py-1 text-sm sm:px-5"
          >
            <span className="font-semibold break-all">{key.name}</span>
            <span className="text-soft">
              made <Age at={key.createdAt} /> ·{" "}
              {key.lastUsedAt === null ? (
                "never used"
              ) : (
                <>
                  used <Age at={key.lastUsedAt} />
                </>
              )}
            </span>
            <span className="ml-auto flex gap-2">
              {key.revokedAt === null ? (
                <SureButton sure={`Yes, revoke ${key.name}`} onSure={() => void revoke(key.id)}>
                  Revoke…
                </SureButton>
              ) : (
                <span className="font-semibold text-ended">
                  revoked <Age at={key.revokedAt} />
                </span>
              )}
            </span>
          </li>
        )}
      </ListedRows>
    </Panel>
  );
};
