import { useNow } from "../clock.ts";
import { useClockOffsetMs } from "../live/use-live.ts";
import { useSite } from "../site-context.ts";
import { ageText, instantText } from "../words/time.ts";

/** How long ago something was, counted each second on the server's clock; the exact instant is its title. */
export const Age = ({ at }: { at: string }) => {
  const nowMs = useNow();
  const clockOffsetMs = useClockOffsetMs();
  const { timeZone } = useSite();
  return (
    <time dateTime={at} title={instantText(at, timeZone)} className="whitespace-nowrap tabular-nums">
      {ageText(Math.max(0, nowMs + clockOffsetMs - Date.parse(at)))}
    </time>
  );
};
