import type { Reader } from "@tagwire/messages";
import { ArrowLeft, Lightbulb, TriangleAlert } from "lucide-react";
import { useFreshness, useView } from "../../live/use-live.ts";
import { Age } from "../../look/age.tsx";
import { Badge } from "../../look/badge.tsx";
import { Panel, Waiting } from "../../look/panel.tsx";
import { useSite } from "../../site-context.ts";
import {
  clockText,
  driverWords,
  faultText,
  filteredText,
  isClockOff,
  noiseOf,
  phaseWords,
  rateText,
  regionWords,
  shareText,
  whereText,
} from "../../words/readers.ts";
import { countText } from "../../words/time.ts";
import { Figures } from "../boards/board-table.tsx";
import { WayLink } from "../place-link.tsx";
import { AntennaMap } from "./antenna-map.tsx";
import { HistoryPanel } from "./history-panel.tsx";
import { PastFaults } from "./past-faults.tsx";
import { ReaderActs } from "./reader-acts.tsx";
import { RecordingsPanel } from "./recordings-panel.tsx";
import { RulesForm } from "./rules-form.tsx";
import { SettingsFile } from "./settings-file.tsx";
import { SettingsForm } from "./settings-form.tsx";
import { TestReadPanel } from "./trial-panel.tsx";

/** All there is of one reader: how it is, what its antennas hear, what went wrong, and what can be done to it. */
export const ReaderPage = ({ id }: { id: string }) => {
  const site = useSite();
  const snapshot = useView(site.id, "readers");
  const fresh = useFreshness(snapshot);
  const reader = snapshot.rows.get(id) as unknown as Reader | undefined;
  return (
    <div className="grid min-w-0 gap-3 sm:gap-4">
      <BackToAll />
      <Panel title={`Reader ${id}`} fresh={fresh}>
        {reader === undefined ? (
          <Waiting>
            {snapshot.whole
              ? "No reader has this name."
              : (snapshot.fault?.message ?? "Asking for the reader…")}
          </Waiting>
        ) : (
          <>
            <Status reader={reader} />
            <Facts reader={reader} />
          </>
        )}
      </Panel>
      {reader !== undefined && (
        <>
          <AntennaMap reader={reader} fresh={fresh} />
          <div className="grid items-start gap-3 sm:gap-4 xl:grid-cols-2">
            <TestReadPanel id={id} isReading={reader.status === "inventory"} />
            <PastFaults faults={reader.faults ?? []} fresh={fresh} />
          </div>
          <SettingsForm reader={reader} />
          <RulesForm id={id} rules={reader.rules ?? {}} />
          <RecordingsPanel reader={reader} />
          <HistoryPanel about="reader" id={id} />
          <SettingsFile reader={id} />
        </>
      )}
    </div>
  );
};

const BackToAll = () => (
  <WayLink place={{ site: useSite().id, screen: "readers" }}>
    <ArrowLeft aria-hidden="true" className="size-4" />
    All readers
  </WayLink>
);

/** What it does at this moment, why it does not, and what helps. */
const Status = ({ reader }: { reader: Reader }) => {
  const { word, icon, tone } = phaseWords[reader.status];
  return (
    <div className="grid gap-3 px-4 pb-3 sm:px-5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <Badge {...{ word, icon, tone }} large />
        <span className="text-sm text-soft">
          since <Age at={reader.since} />
        </span>
        <ReaderActs reader={reader} />
      </div>
      {reader.fault !== null && (
        <div className="grid gap-1 rounded-md bg-missing-wash p-3 text-sm text-missing">
          <p className="flex gap-2 font-semibold">
            <TriangleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
            <span className="min-w-0 break-words">{faultText(reader.fault)}</span>
          </p>
          <p className="flex gap-2">
            <Lightbulb aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
            <span className="min-w-0 break-words">{reader.fault.advice}</span>
          </p>
        </div>
      )}
    </div>
  );
};

const Facts = ({ reader }: { reader: Reader }) => {
  const { counts, clockOffsetMs, firmware, model, region, session, address } = reader;
  const strays = Object.values(counts.strays ?? {}).reduce((sum, count) => sum + (count ?? 0), 0);
  const said = [
    { word: "Family", text: driverWords[reader.driver] },
    { word: "Address", text: address ?? "it comes to us" },
    { word: "Where", text: whereText(reader) },
    { word: "Model", text: model ?? "not told" },
    { word: "Firmware", text: firmware ?? "not told" },
    { word: "Reads that led to nothing", text: filteredText(counts.filteredBy) },
    { word: "Unreadable frames", text: countText(counts.malformed) },
    { word: "Observations that prove nothing", text: countText(strays) },
    ...(region === undefined ? [] : [{ word: "Region", text: regionWords[region] }]),
    ...(session === undefined ? [] : [{ word: "Gen2 session", text: String(session) }]),
  ];
  return (
    <>
      <Figures
        of={[
          { word: "Reads/s", value: rateText(reader.rate) },
          {
            word: "Last read",
            value: reader.lastReadAt == null ? "–" : <Age at={reader.lastReadAt} />,
          },
          {
            word: "Noise",
            value: shareText(noiseOf(counts)),
            note: "of its reads led to nothing",
          },
          {
            word: "Clock",
            value: clockText(clockOffsetMs),
            ...(isClockOff(clockOffsetMs) ? { note: "set the reader's clock, best by NTP" } : {}),
          },
          {
            word: "Observations",
            value: countText(counts.observations),
            ...(counts.pending > 0 ? { note: `${countText(counts.pending)} pending` } : {}),
          },
        ]}
      />
      <dl className="flex flex-wrap gap-x-6 gap-y-1 border-t border-line px-4 py-3 text-sm sm:px-5">
        {said.map(({ word, text }) => (
          <div key={word} className="flex min-w-0 gap-1.5">
            <dt className="font-semibold">{word}</dt>
            <dd className="min-w-0 break-words text-soft">{text}</dd>
          </div>
        ))}
      </dl>
    </>
  );
};
