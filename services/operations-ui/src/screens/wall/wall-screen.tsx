import { type ComponentType, useEffect, useState } from "react";
import { useNow } from "../../clock.ts";
import { useClockOffsetMs, useFreshness, useLinkState } from "../../live/use-live.ts";
import { toneWash } from "../../look/tone.ts";
import { useRoute } from "../../route.ts";
import { useSite } from "../../site-context.ts";
import { minuteText, zoneText } from "../../words/time.ts";
import { QueuesBoard } from "../boards/queues-board.tsx";
import { ThroughputBoard } from "../boards/throughput-board.tsx";
import { useFigures } from "../overview/figures.ts";
import { Pulse } from "../overview/pulse.tsx";
import { ReaderStrip } from "../overview/reader-strip.tsx";
import { Totals } from "../overview/totals.tsx";
import { linkShown } from "../state-pill.tsx";
import { useAwake } from "./use-awake.ts";
import { WallAlerts } from "./wall-alerts.tsx";
import { WallBar } from "./wall-bar.tsx";
import { WallContracts } from "./wall-contracts.tsx";
import { type Turn, turnAt, turned, type WallPanel, wallPanels, wallPlanOf } from "./wall-panels.ts";
import { WallPlan } from "./wall-plan.tsx";

const Stock = () => {
  const { figures, snapshot } = useFigures();
  const fresh = useFreshness(snapshot);
  const isKnown = figures.totals !== undefined;
  return (
    <div className="grid gap-4">
      <Totals totals={figures.totals} fresh={fresh} fault={snapshot.fault} className="" />
      <Pulse minutes={figures.minutes} lag={figures.lag} {...{ fresh, isKnown }} className="" />
    </div>
  );
};

const panels: Readonly<Record<WallPanel, ComponentType>> = {
  stock: Stock,
  contracts: WallContracts,
  service: QueuesBoard,
  throughput: ThroughputBoard,
  plan: WallPlan,
  readers: () => <ReaderStrip className="" />,
  alerts: WallAlerts,
};

/** The letters of a wall grow with it: what is read from a desk has 16 px. */
const letters = "clamp(16px, 1.45vw, 44px)";
/** For so long what a wall is told by hand stays in sight, in ms. */
const handsMs = 6_000;

const useLargeLetters = (): void => {
  useEffect(() => {
    const { style } = document.documentElement;
    style.fontSize = letters;
    return () => {
      style.fontSize = "";
    };
  }, []);
};

/** Whether somebody has touched the wall a moment ago. */
const useHands = (nowMs: number): boolean => {
  const [movedAtMs, setMovedAtMs] = useState(() => Date.now());
  useEffect(() => {
    const moved = (): void => setMovedAtMs(Date.now());
    const kinds = ["pointermove", "pointerdown", "keydown"] as const;
    for (const kind of kinds) addEventListener(kind, moved, { passive: true });
    return () => {
      for (const kind of kinds) removeEventListener(kind, moved);
    };
  }, []);
  return nowMs - movedAtMs < handsMs;
};

/** Figures for a wall: nothing around them, panels that go round or stay, and how old they are when they are old. */
export const WallScreen = () => {
  const site = useSite();
  const nowMs = useNow();
  const { query } = useRoute();
  const plan = wallPlanOf(query);
  const [turn, setTurn] = useState<Turn>({ index: 0, sinceMs: nowMs });
  const [isPaused, setPaused] = useState(false);
  const isShown = useHands(nowMs);
  useLargeLetters();
  useAwake();
  useEffect(() => {
    document.title = `Wall · ${site.name} · Tagwire`;
  }, [site.name]);
  const here = isPaused && turn.index < plan.panels.length ? turn : turnAt(turn, plan, nowMs);
  if (here !== turn) setTurn(here);
  const name = plan.panels[here.index] ?? "stock";
  const Shown = panels[name];
  return (
    <div className="flex min-h-dvh flex-col">
      <WallTop site={site.name} panel={wallPanels[name]} timeZone={site.timeZone} />
      <main className="grow p-4 pb-24">
        <Shown key={name} />
      </main>
      <WallBar
        {...{ plan, isPaused, isShown }}
        onPause={() => {
          setPaused(!isPaused);
          setTurn({ ...here, sinceMs: nowMs });
        }}
        onTurn={(by) => setTurn(turned(here, by, plan, nowMs))}
      />
    </div>
  );
};

/* How present the figures are stands at the top in one word, and over the whole width as soon as they are not. */
const WallTop = ({ site, panel, timeZone }: { site: string; panel: string; timeZone: string }) => {
  const link = useLinkState();
  const nowMs = useNow() + useClockOffsetMs();
  const shown = linkShown(link);
  const isWell = shown.tone === "ready";
  return (
    <header className={isWell ? "" : toneWash[shown.tone]}>
      <div className="flex flex-wrap items-center gap-x-6 gap-y-1 px-5 pt-3">
        <h1 className="text-xl font-semibold tracking-tight">{site}</h1>
        <p className={isWell ? "text-lg text-soft" : "text-lg"}>{panel}</p>
        <p role="status" className="ml-auto inline-flex items-center gap-2 text-lg font-semibold">
          <shown.icon aria-hidden="true" className="size-6" />
          {shown.word}
          {!isWell && shown.tone !== "ended" && ": these figures are old"}
        </p>
        <p className="text-lg tabular-nums" title={zoneText(nowMs, timeZone)}>
          {minuteText(nowMs, timeZone)}
          <span className="sr-only">, {zoneText(nowMs, timeZone)}</span>
        </p>
      </div>
    </header>
  );
};
