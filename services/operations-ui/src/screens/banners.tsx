import { demoSiteId } from "@tagwire/messages";
import { CloudOff, FlaskConical, HardDrive, KeyRound } from "lucide-react";
import { type ReactNode, useSyncExternalStore } from "react";
import type { Session } from "../api/session.ts";
import { Button } from "../look/button.tsx";
import { saveRescueFile } from "../outbox/rescue.ts";
import { notTaken, turnedWords, useOutbox, useStation } from "../scan/station.ts";
import type { SessionKeeper } from "../session-keeper.ts";
import { applyUpdate, useUpdate } from "../shell/updates.ts";
import { useSite } from "../site-context.ts";
import { countOf } from "../words/time.ts";
import { TrainingBanner } from "./training/training-banner.tsx";

/** What everybody on this page has to know before reading anything else. */
export const Banners = ({ session, keeper }: { session: Session; keeper: SessionKeeper }) => (
  <section aria-label="Notices">
    {session.demo && <DemoBanner />}
    <TrainingBanner />
    <UpdateReady />
    {/* The attribute besides the role: an open item hides every other region from a screen reader. */}
    <div role="alert" aria-live="assertive">
      <StorageProblem />
      <ScansNotTaken />
      <StillSignedIn keeper={keeper} />
    </div>
  </section>
);

const DemoBanner = () => {
  const { id } = useSite();
  // Whoever opens a site of their own beside the demo has put real stock into it.
  if (id !== demoSiteId) return null;
  return (
    <p className="border-b border-line bg-accent-wash px-4 py-1.5 text-center text-xs font-semibold text-balance text-accent sm:text-sm">
      <FlaskConical aria-hidden="true" className="mr-2 inline size-4 align-text-bottom" />
      Demo site: emulated readers, synthetic stock; some scans come late on purpose
    </p>
  );
};

const Notice = ({ children }: { children: ReactNode }) => (
  <div className="flex flex-wrap items-center justify-center gap-2 bg-missing-wash px-4 py-3 text-center text-sm font-semibold text-missing">
    {children}
  </div>
);

const ScansNotTaken = () => {
  const outbox = useOutbox();
  const why = notTaken(outbox);
  if (why === undefined) return null;
  return (
    <Notice>
      <p>
        <CloudOff aria-hidden="true" className="mr-2 inline size-5 align-text-bottom" />
        Scans are not being taken. {turnedWords[why]}
        {outbox.waiting > 0 && ` ${countOf(outbox.waiting, "earlier scan")} saved on this device.`}
      </p>
    </Notice>
  );
};

/* What cannot be stored is still sent while there is a server, and is lost with the page where there is none. */
const StorageProblem = () => {
  const { storage, held, isStuck } = useOutbox();
  const { outbox } = useStation();
  if (storage !== "away") return null;
  return (
    <Notice>
      <p>
        <HardDrive aria-hidden="true" className="mr-2 inline size-5 align-text-bottom" />
        Storage problem: this device cannot save scans at this moment.{" "}
        {held > 0 && `${countOf(held, "scan")} in memory only: keep this page open until they are confirmed.`}
      </p>
      {isStuck && held > 0 && <Button onClick={() => void saveRescueFile(outbox)}>Save a rescue file</Button>}
      {isStuck && held === 0 && <Button onClick={() => location.reload()}>Load the page again</Button>}
    </Notice>
  );
};

const UpdateReady = () => {
  const update = useUpdate();
  if (update === "none") return null;
  return (
    <div className="flex flex-wrap items-center justify-center gap-2 bg-accent-wash px-4 py-1 text-sm font-semibold text-accent">
      {update === "coming" ? (
        <p role="status">The new version of this page is coming. What is saved here stays.</p>
      ) : (
        <>
          <p>A new version of this page is ready. What is saved here stays.</p>
          <Button onClick={applyUpdate}>Load it</Button>
        </>
      )}
    </div>
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
