import { abilitiesOf, type Reader, type ReaderAbilities, type Station } from "@tagwire/messages";
import { type FormEvent, useState } from "react";
import { patchReader } from "../../api/readers.ts";
import { Button } from "../../look/button.tsx";
import { SelectField, TextField } from "../../look/field.tsx";
import { Panel } from "../../look/panel.tsx";
import { useSite } from "../../site-context.ts";
import { addressHints, regionWords } from "../../words/readers.ts";
import { AntennaFields, StationField } from "./antenna-fields.tsx";
import { draftOf, patchOf, type ReaderDraft } from "./reader-draft.ts";
import { useStations } from "./use-stations.ts";

const sessionHints = ["0: a tag answers again at once", "1", "2", "3: after a while out of the field"];

/** What a reader is told, and where its antennas look. What its family cannot be told is not asked for. */
export const SettingsForm = ({ reader }: { reader: Reader }) => {
  const site = useSite();
  const { stations } = useStations(site.id);
  const [edited, setEdited] = useState<ReaderDraft>();
  const [said, setSaid] = useState<{ text: string; isWrong: boolean }>();
  const [isSending, setSending] = useState(false);
  const draft = edited ?? draftOf(reader);
  const abilities = abilitiesOf(reader.driver, draft.address);
  const set = (change: Partial<ReaderDraft>): void => {
    setEdited({ ...draft, ...change });
    setSaid(undefined);
  };
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const next = patchOf(reader, draft);
    if ("wrong" in next) return setSaid({ text: next.wrong, isWrong: true });
    if (Object.keys(next.patch).length === 0) {
      setEdited(undefined);
      return setSaid({ text: "That is how it is set.", isWrong: false });
    }
    setSending(true);
    const answer = await patchReader(site.id, reader.id, next.patch);
    setSending(false);
    if (answer.kind === "signed_out") return;
    if (answer.kind === "refused") return setSaid({ text: answer.refusal.message, isWrong: true });
    setEdited(undefined);
    setSaid({ text: "Saved. What the reader has to be told it is told now.", isWrong: false });
  };
  return (
    <Panel title="Settings">
      <form
        aria-label="Settings of the reader"
        noValidate
        onSubmit={(event) => void submit(event)}
        className="grid items-start gap-3 px-4 pb-4 sm:grid-cols-[repeat(auto-fit,minmax(13rem,1fr))] sm:px-5"
      >
        <RadioFields {...{ reader, draft, abilities, stations, set }} />
        <AntennaFields
          antennas={draft.antennas}
          ofReader={draft.station}
          {...{ abilities, stations }}
          onChange={(antennas) => set({ antennas })}
        />
        <p className="col-span-full text-sm text-soft">{cannotText(abilities)}</p>
        <div className="col-span-full flex flex-wrap items-center gap-3">
          <Button kind="primary" type="submit" disabled={isSending || edited === undefined}>
            {isSending ? "Saving…" : "Save settings"}
          </Button>
          <p
            role="status"
            className={`text-sm font-semibold break-words ${said?.isWrong === true ? "text-missing" : ""}`}
          >
            {said?.text}
          </p>
        </div>
      </form>
    </Panel>
  );
};

/** What is missing among the fields, so that nobody looks for it. */
const cannotText = ({ power, regions, hasSession }: ReaderAbilities): string => {
  const missing = [
    ...(power === "none" ? ["power"] : []),
    ...(regions.length === 0 ? ["region"] : []),
    ...(hasSession ? [] : ["session"]),
  ];
  if (missing.length === 0) return "A field left empty leaves what the reader has.";
  return `Such a reader is not told its ${missing.join(", ").replace(/, ([^,]*)$/, " and $1")} from here; a field left empty leaves what it has.`;
};

type RadioProps = {
  reader: Reader;
  draft: ReaderDraft;
  abilities: ReaderAbilities;
  stations: readonly Station[];
  set: (change: Partial<ReaderDraft>) => void;
};

const RadioFields = ({ reader, draft, abilities, stations, set }: RadioProps) => (
  <>
    {abilities.address !== "none" && (
      <TextField
        label="Address"
        value={draft.address}
        hint={addressHints[reader.driver]}
        onChange={(event) => set({ address: event.target.value })}
      />
    )}
    {abilities.regions.length > 0 && (
      <SelectField
        label="Region"
        value={draft.region}
        hint="Whose rules of the air it keeps."
        onChange={(event) => set({ region: event.target.value as ReaderDraft["region"] })}
      >
        <option value="">As the reader is set</option>
        {abilities.regions.map((region) => (
          <option key={region} value={region}>
            {regionWords[region]}
          </option>
        ))}
      </SelectField>
    )}
    {abilities.hasSession && (
      <SelectField
        label="Gen2 session"
        value={draft.session}
        hint="How soon a tag that answered does so again."
        onChange={(event) => set({ session: event.target.value })}
      >
        <option value="">As the reader is set</option>
        {sessionHints.map((text, session) => (
          <option key={text} value={String(session)}>
            {text}
          </option>
        ))}
      </SelectField>
    )}
    {abilities.power === "one" && (
      <TextField
        label="Power (dBm)"
        inputMode="decimal"
        value={draft.powerDbm}
        placeholder="as it is"
        hint="One for all of its antennas, in whole dBm."
        onChange={(event) => set({ powerDbm: event.target.value })}
      />
    )}
    <StationField
      value={draft.station}
      stations={stations}
      nothing="None"
      onChange={(station) => set({ station })}
    />
    {abilities.hasLogin && <LoginFields {...{ reader, draft, set }} />}
  </>
);

const LoginFields = ({ reader, draft, set }: Pick<RadioProps, "reader" | "draft" | "set">) => {
  const isKept = reader.login !== undefined && draft.username === reader.login.username;
  const isMoved = draft.address.trim() !== (reader.address ?? "");
  return (
    <>
      <TextField
        label="User name"
        value={draft.username}
        hint="Who Tagwire is to the reader; empty where it does not ask."
        onChange={(event) => set({ username: event.target.value })}
      />
      <TextField
        label="Password"
        type="password"
        autoComplete="new-password"
        value={draft.password}
        placeholder={isKept && !isMoved ? "as it is" : ""}
        hint={
          isMoved && draft.username !== ""
            ? "At another address it has to be given again."
            : "Sent to the reader, shown to nobody."
        }
        onChange={(event) => set({ password: event.target.value })}
      />
    </>
  );
};
