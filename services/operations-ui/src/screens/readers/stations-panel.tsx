import type { Reader, Station } from "@tagwire/messages";
import { useState } from "react";
import { deleteStation } from "../../api/stations.ts";
import { useView } from "../../live/use-live.ts";
import { Button } from "../../look/button.tsx";
import { Panel, Waiting } from "../../look/panel.tsx";
import { SureButton } from "../../look/sure-button.tsx";
import { WrongSaid } from "../../look/wrong-said.tsx";
import { useSite } from "../../site-context.ts";
import { modeWords } from "../../words/settings-changes.ts";
import { HistoryPanel } from "./history-panel.tsx";
import { StationForm } from "./station-form.tsx";
import { useStations } from "./use-stations.ts";

/** Where a station is: its place, or the two that a portal is between. */
const placeText = ({ place, portal }: Station): string =>
  portal === undefined ? (place ?? "no place") : `${portal.inside} ⇄ ${portal.outside}`;

/** Who listens at a station: a reader, or some of its antennas. */
const listenersOf = (station: string, readers: readonly Reader[]): string[] =>
  readers.flatMap(({ id, station: ofReader, antennas }) => {
    const own = antennas.filter((antenna) => antenna.station === station).map(({ port }) => port);
    if (ofReader === station) return [id];
    return own.length === 0 ? [] : [`${id}, antenna ${own.join(", ")}`];
  });

/** The stations of the site: what readers and antennas are bound to on their own pages. */
export const StationsPanel = () => {
  const site = useSite();
  const [turn, setTurn] = useState(0);
  const [open, setOpen] = useState<{ readonly id?: string; readonly what: "form" | "history" }>();
  const { stations, isRead, refusal } = useStations(site.id, turn);
  const readers = [...useView(site.id, "readers").rows.values()] as unknown as Reader[];
  const changed = (): void => {
    setTurn(turn + 1);
    setOpen(undefined);
  };
  const adds = open?.what === "form" && open.id === undefined;
  return (
    <>
      <Panel
        title="Stations"
        aside={
          <Button
            kind="quiet"
            className="-mr-2"
            aria-expanded={adds}
            onClick={() => setOpen(adds ? undefined : { what: "form" })}
          >
            {adds ? "Not now" : "Add a station"}
          </Button>
        }
      >
        {adds && <StationForm onDone={changed} onLeft={() => setOpen(undefined)} />}
        {!isRead ? (
          <Waiting>{refusal?.message ?? "Looking for stations…"}</Waiting>
        ) : stations.length === 0 ? (
          <Waiting>
            No stations here. A station is a place and what happens there: readers bound to it scan into the
            session that is open, or see what is there.
          </Waiting>
        ) : (
          <ul className="px-4 pb-3 sm:px-5">
            {stations.map((station) =>
              open?.what === "form" && open.id === station.id ? (
                <li key={station.id} className="border-t border-line py-3 first:border-t-0">
                  <StationForm station={station} onDone={changed} onLeft={() => setOpen(undefined)} />
                </li>
              ) : (
                <StationLine
                  key={station.id}
                  station={station}
                  listeners={listenersOf(station.id, readers)}
                  onOpen={(what) => setOpen({ id: station.id, what })}
                  onChanged={changed}
                />
              ),
            )}
          </ul>
        )}
      </Panel>
      {open?.what === "history" && open.id !== undefined && (
        <HistoryPanel key={open.id} about="station" id={open.id} />
      )}
    </>
  );
};

type LineProps = {
  station: Station;
  listeners: readonly string[];
  onOpen: (what: "form" | "history") => void;
  onChanged: () => void;
};

const StationLine = ({ station, listeners, onOpen, onChanged }: LineProps) => {
  const site = useSite();
  const [wrong, setWrong] = useState<string>();
  const remove = async (): Promise<void> => {
    const answer = await deleteStation(site.id, station.id);
    setWrong(answer.kind === "refused" ? answer.refusal.message : undefined);
    if (answer.kind === "ok") onChanged();
  };
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-line py-2 text-sm first:border-t-0">
      <div className="grid min-w-0 grow gap-0.5">
        <p className="font-mono font-semibold break-all">{station.id}</p>
        <p className="break-words">
          {modeWords[station.mode]} · {placeText(station)}
        </p>
        <p className="break-words text-soft">
          {listeners.length === 0 ? "no reader listens there" : listeners.join(" · ")}
        </p>
      </div>
      <div className="flex flex-wrap items-center">
        <Button kind="quiet" aria-label={`Change station ${station.id}`} onClick={() => onOpen("form")}>
          Change
        </Button>
        <Button
          kind="quiet"
          aria-label={`History of station ${station.id}`}
          onClick={() => onOpen("history")}
        >
          History
        </Button>
        <SureButton sure="Remove for good" onSure={() => void remove()}>
          Remove
        </SureButton>
      </div>
      <WrongSaid wrong={wrong} className="basis-full" />
    </li>
  );
};
