import type { SessionMode, SessionWarning, Station } from "@tagwire/messages";
import { type FormEvent, useEffect, useState } from "react";
import { beginSession, fetchOpenAt, newSessionId } from "../../api/sessions.ts";
import { fetchStations } from "../../api/stations.ts";
import { Button } from "../../look/button.tsx";
import { SelectField, TextField } from "../../look/field.tsx";
import { useSite } from "../../site-context.ts";
import { isScanningStation, isSessionMode, modeWords, sessionModes } from "../../words/sessions.ts";

/** Stations of the site that readers scan at. None where nobody has bound a reader to one, or nobody can say. */
const useStations = (site: string): readonly Station[] => {
  const [stations, setStations] = useState<readonly Station[]>([]);
  useEffect(() => {
    const control = new AbortController();
    fetchStations(site, control.signal).then((answer) => {
      if (control.signal.aborted || answer.kind !== "ok") return;
      setStations(answer.value.data.filter(({ mode }) => isScanningStation(mode)));
    });
    return () => control.abort();
  }, [site]);
  return stations;
};

type Wish = {
  readonly mode: SessionMode;
  readonly contract: string;
  readonly place: string;
  readonly station: string;
};
const nothingWished: Wish = { mode: "checkout", contract: "", place: "", station: "" };

/** What is sent of a wish: members that nobody filled in are left out. */
const bodyOf = (id: string, { mode, ...texts }: Wish) => ({
  ...{ id, mode },
  ...Object.fromEntries(
    Object.entries(texts)
      .map(([name, text]) => [name, text.trim()] as const)
      .filter(([, text]) => text !== ""),
  ),
});

type Busy = { readonly station: string; readonly session: string };
/** One that is begun, and what speaks against waiting for the readers there. */
type Begun = { readonly session: string; readonly warnings: readonly SessionWarning[] };

const readersAreSilent: ReadonlySet<SessionWarning["code"]> = new Set([
  "station_unknown",
  "station_only_sees",
  "station_unread",
]);

const begunText = (warnings: readonly SessionWarning[]): string =>
  warnings.some(({ code }) => readersAreSilent.has(code))
    ? "The session is begun, for scanning by hand. Before you do, look at this:"
    : "The session is begun. Before anything is scanned, look at this:";

/** Begins a session. At a station its readers scan into it, and somebody else's session there is shown instead of a second one. */
export const BeginSessionForm = ({ onOpen }: { onOpen: (id: string) => void }) => {
  const site = useSite();
  const stations = useStations(site.id);
  const [wish, setWish] = useState(nothingWished);
  const [id, setId] = useState(newSessionId);
  const [wrong, setWrong] = useState<string>();
  const [busy, setBusy] = useState<Busy>();
  const [begun, setBegun] = useState<Begun>();
  const [sending, setSending] = useState(false);

  // Another wish is another session: under the id of the last one it would be refused.
  const change = (some: Partial<Wish>): void => {
    setWish({ ...wish, ...some });
    setId(newSessionId());
    setWrong(undefined);
    setBusy(undefined);
    setBegun(undefined);
  };
  const choose = (name: string): void => {
    const station = stations.find((one) => one.id === name);
    const mode = station !== undefined && isScanningStation(station.mode) ? { mode: station.mode } : {};
    change({ station: name, ...mode, ...(station?.place === undefined ? {} : { place: station.place }) });
  };
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setSending(true);
    const answer = await beginSession(site.id, bodyOf(id, wish));
    setSending(false);
    if (answer.kind === "ok") {
      const { id: session, warnings } = answer.value;
      // Whoever is led on at once does not read why the readers will keep silent.
      return warnings.length === 0 ? onOpen(session) : setBegun({ session, warnings });
    }
    if (answer.kind === "signed_out") return;
    const { code, message } = answer.refusal;
    const other = code === "station_busy" ? await fetchOpenAt(site.id, wish.station) : undefined;
    setBusy(other && { station: wish.station, session: other.id });
    setWrong(other === undefined ? message : undefined);
  };

  return (
    <form
      aria-label="Begin a session"
      onSubmit={(event) => void submit(event)}
      noValidate
      className="mx-4 mb-3 grid items-end gap-3 rounded-md bg-sunken p-3 sm:mx-5 sm:grid-cols-[repeat(auto-fit,minmax(11rem,1fr))]"
    >
      {stations.length > 0 && (
        <SelectField label="Station" value={wish.station} onChange={(event) => choose(event.target.value)}>
          <option value="">None: scanned by hand</option>
          {stations.map((station) => (
            <option key={station.id} value={station.id}>
              {station.id}
            </option>
          ))}
        </SelectField>
      )}
      <SelectField
        label="What for"
        value={wish.mode}
        onChange={(event) => isSessionMode(event.target.value) && change({ mode: event.target.value })}
      >
        {sessionModes.map((mode) => (
          <option key={mode} value={mode}>
            {modeWords[mode]}
          </option>
        ))}
      </SelectField>
      <TextField
        label="Contract (optional)"
        value={wish.contract}
        maxLength={40}
        onChange={(event) => change({ contract: event.target.value })}
      />
      <TextField
        label="Place (optional)"
        value={wish.place}
        maxLength={64}
        onChange={(event) => change({ place: event.target.value })}
      />
      <Button kind="primary" type="submit" disabled={sending} className="self-end">
        {sending ? "Beginning…" : "Begin"}
      </Button>
      {wrong !== undefined && (
        <p role="alert" className="col-span-full text-sm font-semibold text-missing">
          {wrong}
        </p>
      )}
      {begun !== undefined && (
        <div role="alert" className="col-span-full flex flex-wrap items-center gap-3 text-sm font-semibold">
          <span>{begunText(begun.warnings)}</span>
          <ul className="grid gap-1">
            {begun.warnings.map(({ code, message }) => (
              <li key={code}>{message}</li>
            ))}
          </ul>
          <Button onClick={() => onOpen(begun.session)}>Show it</Button>
        </div>
      )}
      {busy !== undefined && (
        <p
          role="alert"
          className="col-span-full flex flex-wrap items-center gap-3 text-sm font-semibold text-missing"
        >
          Another session is open at {busy.station}. Join it, or close it first.
          <Button onClick={() => onOpen(busy.session)}>Show it</Button>
        </p>
      )}
    </form>
  );
};
