import { CloudOff, FlaskConical } from "lucide-react";
import type { Session } from "../api/session.ts";
import { notTaken } from "../scan/sender.ts";
import { turnedWords, useSending, useStationState } from "../scan/station.ts";
import { countOf } from "../words/time.ts";

/** What everybody on this page has to know before reading anything else. */
export const Banners = ({ session }: { session: Session }) => {
  const sending = useSending();
  const { online } = useStationState();
  const why = notTaken(sending, online);
  return (
    <section aria-label="Notices">
      {session.demo && (
        <p className="border-b border-line bg-accent-wash px-4 py-1.5 text-center text-xs font-semibold text-balance text-accent sm:text-sm">
          <FlaskConical aria-hidden="true" className="mr-2 inline size-4 align-text-bottom" />
          Demo site: emulated readers, synthetic stock
        </p>
      )}
      <div role="alert">
        {why && (
          <p className="flex items-center justify-center gap-2 bg-missing-wash px-4 py-3 text-center text-sm font-semibold text-missing">
            <CloudOff aria-hidden="true" className="size-5 shrink-0" />
            <span>
              Scans are not being taken. {turnedWords[why]}
              {sending.waiting > 0 &&
                ` ${countOf(sending.waiting, "earlier scan")} waiting for an answer: keep this page open.`}
            </span>
          </p>
        )}
      </div>
    </section>
  );
};
