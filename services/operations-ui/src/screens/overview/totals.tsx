import type { DashboardTotals, StatusGroup } from "@tagwire/messages";
import { Boxes, CircleHelp } from "lucide-react";
import type { ReactNode } from "react";
import type { Freshness } from "../../live/freshness.ts";
import type { ViewFault } from "../../live/subscription.ts";
import { MovingCount } from "../../look/moving-count.tsx";
import { Panel, Waiting } from "../../look/panel.tsx";
import { StackedBar } from "../../look/stacked-bar.tsx";
import { toneText } from "../../look/tone.ts";
import { routeText } from "../../route.ts";
import { useSite } from "../../site-context.ts";
import { groups, groupWords } from "../../words/statuses.ts";
import { countOf, countText } from "../../words/time.ts";

type Props = {
  totals: DashboardTotals | undefined;
  fresh: Freshness;
  fault: ViewFault | undefined;
  className: string;
};

const shareText = (count: number, total: number): string =>
  total === 0
    ? "–"
    : count > 0 && count / total < 0.0005
      ? "< 0.1 %"
      : `${((count / total) * 100).toFixed(1)} %`;

/** The stock in five large figures. */
export const Totals = ({ totals, fresh, fault, className }: Props) => (
  <Panel title="Stock" fresh={fresh} className={className}>
    {totals === undefined ? (
      <Waiting>{fault ? fault.message : "The figures are on their way."}</Waiting>
    ) : (
      <Figures totals={totals} />
    )}
  </Panel>
);

const Figures = ({ totals }: { totals: DashboardTotals }) => {
  const site = useSite();
  const href = (group: StatusGroup): string =>
    routeText({ site: site.id, screen: "items", query: new URLSearchParams({ group }) });
  return (
    <div className="@container">
      <ul className="grid grid-cols-2 gap-x-2 px-2 @2xl:grid-cols-3 @5xl:grid-cols-6">
        <Figure
          href={routeText({ site: site.id, screen: "items" })}
          label={
            <>
              <Boxes aria-hidden="true" className="size-4" />
              Total
            </>
          }
          value={totals.total}
          note="items known"
        />
        {groups.map((group) => {
          const { icon: Icon, word } = groupWords[group];
          return (
            <Figure
              key={group}
              href={href(group)}
              label={
                <>
                  <Icon aria-hidden="true" className={`size-4 ${toneText[group]}`} />
                  {word}
                </>
              }
              value={totals[group]}
              note={
                group === "ready"
                  ? `${countText(totals.available)} available`
                  : shareText(totals[group], totals.total)
              }
            />
          );
        })}
      </ul>
      <div className="flex flex-wrap items-center gap-x-6 gap-y-2 px-4 pt-2 pb-4 sm:px-5">
        <StackedBar counts={totals} of={totals.total} className="h-2.5 min-w-48 grow" />
        <p className="inline-flex items-center gap-1.5 text-sm text-soft tabular-nums">
          {/* The sign asks for attention, which nothing deserves. */}
          {totals.quarantined > 0 && <CircleHelp aria-hidden="true" className="size-4 text-service" />}
          <a
            href={routeText({
              site: site.id,
              screen: "boards",
              query: new URLSearchParams({ board: "held" }),
            })}
            className="hit inline-flex items-center underline decoration-edge underline-offset-3 hover:decoration-ink"
          >
            {totals.quarantined === 0
              ? "No scan is held"
              : `${countOf(totals.quarantined, "scan")} held: unknown tag`}
          </a>
        </p>
      </div>
    </div>
  );
};

type FigureProps = { href: string; label: ReactNode; value: number; note: string };

const Figure = ({ href, label, value, note }: FigureProps) => (
  <li className="min-w-0">
    <a href={href} className="block rounded-md px-2 py-3 hover:bg-sunken sm:px-3">
      <span className="flex items-center gap-1.5 text-sm font-semibold">{label}</span>
      <span className="figure mt-2 block text-[2.25rem] leading-none @2xl:text-[3rem] @5xl:text-[clamp(2.5rem,3.3cqi,4.5rem)]">
        <MovingCount value={value} />
      </span>
      <span className="mt-1.5 block text-sm text-soft tabular-nums">{note}</span>
    </a>
  </li>
);
