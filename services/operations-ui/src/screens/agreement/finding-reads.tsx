import type { Evidence, HeardReads } from "@tagwire/messages";
import { Age } from "../../look/age.tsx";
import { Panel } from "../../look/panel.tsx";
import { evidenceText } from "../../words/evidence.ts";
import { countOf } from "../../words/time.ts";

/** The raw reads behind what readers said of a thing last: at which antenna, how often, how loudly, for how long, and where the frames are. */
export const FindingReads = ({ evidence: { reads = [] } }: { evidence: Evidence }) =>
  reads.length > 0 && (
    <Panel title="What readers heard of it last">
      <ol className="px-4 pb-3 sm:px-5">
        {reads.map((one) => (
          <Heard key={`${one.epoch}:${one.pos}`} {...one} />
        ))}
      </ol>
    </Panel>
  );

const msPerSecond = 1_000;

const Heard = ({
  reader,
  antenna,
  reads,
  peakRssiDbm,
  firstHeardAt,
  lastHeardAt,
  epoch,
  pos,
  recordings = [],
}: HeardReads) => {
  const lastedMs =
    firstHeardAt === null || lastHeardAt === null ? 0 : Date.parse(lastHeardAt) - Date.parse(firstHeardAt);
  return (
    <li className="border-t border-line py-2 text-sm first:border-t-0">
      <p className="font-semibold">
        {reader}
        {antenna !== null && `, antenna ${antenna}`}{" "}
        {lastHeardAt !== null && (
          <span className="font-normal text-soft">
            <Age at={lastHeardAt} />
          </span>
        )}
      </p>
      <p>
        {evidenceText({ reads, ...(peakRssiDbm === null ? {} : { peakRssiDbm }) })}
        {lastedMs > 0 && `, within ${countOf(Math.ceil(lastedMs / msPerSecond), "second")}`}
      </p>
      <p className="text-xs break-all text-soft">
        position {epoch}:{pos}
        {recordings.length > 0 && ` · its frames are in ${recordings.join(", ")}`}
      </p>
    </li>
  );
};
