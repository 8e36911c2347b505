import { CloudOff, FlaskConical, KeyRound } from "lucide-react";
import { type ReactNode, useSyncExternalStore } from "react";
import type { Session } from "../api/session.ts";
import { Button } from "../look/button.tsx";
import { notTaken } from "../scan/sender.ts";
import { turnedWords, useSending, useStationState } from "../scan/station.ts";
import type { SessionKeeper } from "../session-keeper.ts";
import { countOf } from "../words/time.ts";
import { TrainingBanner } from "./training/training-banner.tsx";

/** What everybody on this page has to know before reading anything else. */
export const Banners = ({ session, keeper }: { session: Session; keeper: SessionKeeper }) => (
  <section aria-label="Notices">
    {session.demo && (
      <p className="border-b border-line bg-accent-wash px-4 py-1.5 text-center text-xs font-semibold text-balance text-accent sm:text-sm">
        <FlaskConical aria-hidden="true" className="mr-2 inline size-4 align-text-bottom" />
        Demo site: emulated readers, synthetic stock; some scans come late on purpose
      </p>
    )}
    <TrainingBanner />
    {/* The attribute besides the role: an open item hides every other region from a screen reader. */}
    <div role="alert" aria-live="assertive">
      <ScansNotTaken />
      <StillSignedIn keeper={keeper} />
    </div>
  </section>
);

const Notice = ({ children }: { children: ReactNode }) => (
  <div className="flex flex-wrap items-center justify-center gap-2 bg-missing-wash px-4 py-3 text-center text-sm font-semibold text-missing">
    {children}
  </div>
);

const ScansNotTaken = () => {
  const sending = useSending();
  const { online } = useStationState();
  const why = notTaken(sending, online);
  if (why === undefined) return null;
  return (
    <Notice>
      <p>
        <CloudOff aria-hidden="true" className="mr-2 inline size-5 align-text-bottom" />
        Scans are not being taken. {turnedWords[why]}
        {sending.waiting > 0 &&
          ` ${countOf(sending.waiting, "earlier scan")} waiting for an answer: keep this page open.`}
      </p>
    </Notice>
  );
};

const StillSignedIn = ({ keeper }: { keeper: SessionKeeper }) => {
  const state = useSyncExternalStore(keeper.subscribe, keeper.get);
  if (state.kind !== "in" || state.stays === undefined) return null;
  return (
    <Notice>
      <p>
        <KeyRound aria-hidden="true" className="mr-2 inline size-5 align-text-bottom" />
        You are still signed in, and so is whoever uses this device next. {state.stays}
      </p>
      <Button onClick={() => void keeper.leave()}>Sign out again</Button>
      <Button kind="quiet" onClick={keeper.understood}>
        Stay
      </Button>
    </Notice>
  );
};
