import type { Reader } from "@tagwire/messages";
import { Plug, Unplug } from "lucide-react";
import type { Freshness } from "../../live/freshness.ts";
import { Badge } from "../../look/badge.tsx";
import { Panel, Waiting } from "../../look/panel.tsx";
import { filteredText, noiseOf, shareText } from "../../words/readers.ts";
import { countText } from "../../words/time.ts";
import { type AntennaRow, antennaRows, otherPorts } from "./antenna-rows.ts";

/** The antennas by port: where each looks, whether it is plugged in, and how much it hears beside the others. */
export const AntennaMap = ({ reader, fresh }: { reader: Reader; fresh: Freshness }) => {
  const rows = antennaRows(reader);
  return (
    <Panel title="Antennas" fresh={fresh}>
      {rows.length === 0 ? (
        <Waiting>Nothing is known of its antennas yet: all of them are used, and none has a place.</Waiting>
      ) : (
        <ul className="grid gap-2 px-4 pb-4 sm:grid-cols-2 sm:px-5 lg:grid-cols-4">
          {rows.map((row) => (
            <AntennaCard key={row.port} row={row} />
          ))}
        </ul>
      )}
    </Panel>
  );
};

const AntennaCard = ({ row: { port, setting, connected, counts, share } }: { row: AntennaRow }) => {
  const said = [
    setting?.station,
    setting?.place,
    setting?.role,
    setting?.side,
    setting?.powerDbm === undefined ? undefined : `${setting.powerDbm} dBm`,
  ].filter((text) => text !== undefined);
  return (
    <li className="grid min-w-0 content-start gap-1 rounded-md border border-line bg-sunken p-3">
      <div className="flex min-h-7 flex-wrap items-center justify-between gap-2">
        <h3 className="text-sm font-semibold">{port === otherPorts ? "Other ports" : `Antenna ${port}`}</h3>
        {connected === true && <Badge icon={Plug} word="Connected" tone="ready" />}
        {connected === false && <Badge icon={Unplug} word="Not plugged in" tone="missing" />}
      </div>
      <p className="text-sm break-words text-soft">{said.length === 0 ? "no place" : said.join(" · ")}</p>
      <p className="flex items-baseline gap-1.5">
        <span className="figure text-xl tabular-nums">{countText(counts?.reads ?? 0)}</span>
        <span className="text-sm text-soft">reads</span>
      </p>
      <div aria-hidden="true" className="h-1.5 overflow-hidden rounded-sm bg-line">
        <div className="h-full bg-accent" style={{ width: `${share * 100}%` }} />
      </div>
      <p className="text-xs text-soft tabular-nums">
        {countText(counts?.observations ?? 0)} observations
        {counts !== undefined && ` · ${shareText(noiseOf(counts))} noise`}
      </p>
      {counts !== undefined && counts.filtered > 0 && (
        <p className="text-xs text-soft tabular-nums">
          Reads that led to nothing: {filteredText(counts.filteredBy)}
        </p>
      )}
    </li>
  );
};
