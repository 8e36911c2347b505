import { fetchSession } from "../api/session.ts";
import type { Socket, World } from "./live.ts";

/** A hidden page paints no frames; its figures still move, at this pace, so that they are right when it is shown. */
const hiddenFrameMs = 250;

const liveUrl = (): string => {
  const url = new URL("/api/v1/live", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
};

/** The browser as the live client's world. */
export const browserWorld = (): World => ({
  openSocket: (subprotocol) => new WebSocket(liveUrl(), subprotocol) as unknown as Socket,
  nowMs: () => Date.now(),
  random: () => Math.random(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  nextFrame: (run) => {
    if (document.hidden) setTimeout(run, hiddenFrameMs);
    else {
      let done = false;
      const once = (): void => {
        if (done) return;
        done = true;
        run();
      };
      requestAnimationFrame(once);
      setTimeout(once, hiddenFrameMs);
    }
  },
  isSignedOut: async () => {
    const answer = await fetchSession();
    return answer.kind === "signed_out";
  },
});
