import type { FindingDetail, FindingRow } from "@tagwire/messages";
import { ArrowLeft, CornerDownRight, Lightbulb } from "lucide-react";
import { type ReactNode, useCallback, useEffect, useState } from "react";
import { fetchFinding } from "../../api/agreement.ts";
import { useView } from "../../live/use-live.ts";
import { Age } from "../../look/age.tsx";
import { Badge } from "../../look/badge.tsx";
import { Panel, Waiting } from "../../look/panel.tsx";
import { useSite } from "../../site-context.ts";
import {
  changeWord,
  findingStateWords,
  findingWord,
  resolutionWords,
  severityWords,
} from "../../words/findings.ts";
import { countOf } from "../../words/time.ts";
import { WayLink } from "../place-link.tsx";
import { FindingActs } from "./finding-acts.tsx";
import { FindingEvents } from "./finding-events.tsx";
import { FindingReads } from "./finding-reads.tsx";
import { RowsBeside } from "./rows-beside.tsx";

/** A finding, asked for anew whenever the live view says that it has changed. */
const useFinding = (site: string, id: string) => {
  const row = useView(site, "findings").rows.get(id) as unknown as FindingRow | undefined;
  const [finding, setFinding] = useState<FindingDetail>();
  const [wrong, setWrong] = useState<string>();
  const [looks, setLooks] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what has moved is looked at again
  useEffect(() => {
    const leave = new AbortController();
    void fetchFinding(site, id, leave.signal).then((answer) => {
      if (leave.signal.aborted || answer.kind === "signed_out") return;
      if (answer.kind === "ok") setFinding(answer.value);
      setWrong(answer.kind === "refused" ? answer.refusal.message : undefined);
    });
    return () => leave.abort();
  }, [site, id, row?.version, looks]);
  return { finding, wrong, look: useCallback(() => setLooks((count) => count + 1), []) };
};

/** All there is of one finding: what it is, rows of both sides, what happened to it, and what can be done. */
export const FindingPage = ({ id }: { id: string }) => {
  const site = useSite();
  const { finding, wrong, look } = useFinding(site.id, id);
  return (
    <>
      <BackToAll />
      {finding === undefined ? (
        <Panel title="Finding">
          <Waiting>{wrong ?? "Asking for the finding…"}</Waiting>
        </Panel>
      ) : (
        <>
          <About finding={finding} />
          <RowsBeside evidence={finding.evidence} />
          <div className="grid items-start gap-3 sm:gap-4 xl:grid-cols-2">
            <FindingActs finding={finding} onDone={look} />
            <History finding={finding} />
          </div>
          <FindingEvents evidence={finding.evidence} />
          <FindingReads evidence={finding.evidence} />
        </>
      )}
    </>
  );
};

const BackToAll = () => (
  <Way query={{}}>
    <ArrowLeft aria-hidden="true" className="size-4" />
    All findings
  </Way>
);

const Successor = ({ id }: { id: string }) => (
  <Way query={{ finding: id }}>
    <CornerDownRight aria-hidden="true" className="size-4" />
    The finding in its place
  </Way>
);

/** A link to somewhere else on this screen. */
const Way = ({ query, children }: { query: Readonly<Record<string, string>>; children: ReactNode }) => (
  <WayLink place={{ site: useSite().id, screen: "agreement", query: new URLSearchParams(query) }}>
    {children}
  </WayLink>
);

/** Findings about what somebody's scans carry: the scans are in a list of their own, under this mark. */
const markOf: Readonly<Record<string, string>> = {
  late_arrival: "late_history_only",
  backdated: "backdated",
  clock_ahead: "future_scan",
};

const OddScans = ({ mark }: { mark: string }) => (
  <WayLink
    place={{ site: useSite().id, screen: "boards", query: new URLSearchParams({ board: "odd", kind: mark }) }}
  >
    <CornerDownRight aria-hidden="true" className="size-4" />
    Which scans, of which things, and how late
  </WayLink>
);

/** Of much of one kind only some are findings of their own: how many others there are. */
const MoreOfIt = ({ more = 0 }: { more?: number | undefined }) =>
  more > 0 && <p>{countOf(more, "more thing")} of this kind without a finding of their own.</p>;

const About = ({ finding }: { finding: FindingDetail }) => (
  <Panel title={findingWord(finding.code)} aside={<Badge {...findingStateWords[finding.state]} />}>
    <div className="grid gap-2 px-4 pb-4 text-sm sm:px-5">
      <p>
        <span className="text-soft">{finding.entity.replaceAll("_", " ")} </span>
        <span className="font-mono font-semibold break-all">{finding.key}</span>
      </p>
      {finding.evidence.detail !== undefined && <p className="break-words">{finding.evidence.detail}</p>}
      {finding.evidence.sums !== undefined && (
        <p className="font-mono text-xs break-all text-soft">
          kept {finding.evidence.sums.kept} · counted {finding.evidence.sums.counted}
        </p>
      )}
      {markOf[finding.code] !== undefined && <OddScans mark={markOf[finding.code] ?? ""} />}
      <MoreOfIt more={finding.evidence.more} />
      {finding.evidence.supersededBy !== undefined && <Successor id={finding.evidence.supersededBy} />}
      <p className="flex gap-2">
        <Lightbulb aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-service" />
        {finding.advice}
      </p>
      <p className="text-soft">
        {severityWords[finding.severity]} · first seen <Age at={finding.firstSeenAt} />, last{" "}
        <Age at={finding.lastSeenAt} />, at {countOf(finding.seen, "audit")}
        {finding.owner !== null && ` · ${finding.owner} looks after it`}
        {finding.reopened > 0 && ` · came back ${countOf(finding.reopened, "time")}`}
        {finding.resolution !== null && ` · ${resolutionWords[finding.resolution]}`}
      </p>
    </div>
  </Panel>
);

const History = ({ finding: { history } }: { finding: FindingDetail }) => (
  <Panel title="What happened">
    <ol className="px-4 pb-3 sm:px-5">
      {history.map(({ seq, what, by, at, why }) => (
        <li key={seq} className="border-t border-line py-2 text-sm first:border-t-0">
          <p className="font-semibold">{changeWord(what)}</p>
          <p className="break-words text-soft">
            {by === "tagwire" ? "by an audit" : `by ${by}`}, <Age at={at} />
            {why !== null && `: ${why}`}
          </p>
        </li>
      ))}
    </ol>
  </Panel>
);
