import { roughClockOffsetMs } from "../api/rough-clock.ts";
import { fetchSession } from "../api/session.ts";
import type { Socket, World } from "./line.ts";

/** A hidden page paints no frames; its figures still move, at this pace, so that they are right when it is shown. */
const hiddenFrameMs = 250;
const frameGapMsMin = 40;

const liveUrl = (): string => {
  const url = new URL("/api/v1/live", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
};

/**
 * Runs something before the next paint. The first change after a quiet moment is painted at once; in a storm of them the
 * page is rendered at most once in {@link frameGapMsMin}, since nobody reads sixty numbers a second and a tablet must
 * still answer its person.
 */
const frames = (): World["nextFrame"] => {
  let lastMs = Number.NEGATIVE_INFINITY;
  return (run) => {
    let done = false;
    const once = (): void => {
      if (done) return;
      done = true;
      lastMs = performance.now();
      run();
    };
    if (document.hidden) return void setTimeout(once, hiddenFrameMs);
    const restMs = frameGapMsMin - (performance.now() - lastMs);
    if (restMs > 0) setTimeout(() => requestAnimationFrame(once), restMs);
    else requestAnimationFrame(once);
    setTimeout(once, hiddenFrameMs);
  };
};

/** The browser as the live client's world. */
export const browserWorld = (): World => ({
  openSocket: (subprotocol) => new WebSocket(liveUrl(), subprotocol) as unknown as Socket,
  nowMs: () => Date.now(),
  random: () => Math.random(),
  roughClockOffsetMs,
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  nextFrame: frames(),
  isSignedOut: async () => {
    const answer = await fetchSession();
    return answer.kind === "signed_out";
  },
});
