import { type Position, parsePosition } from "@tagwire/messages";
import type { Hub } from "./hub.ts";

/**
 * Resolves when the site's log is known to have moved beyond a position, or when the signal says to stop. Whoever asked reads
 * the log then: being woken too often is harmless.
 */
export const waitForNews = (hub: Hub, site: string, after: string, signal: AbortSignal): Promise<void> => {
  const from = parsePosition(after);
  const channel = hub.channel(site, "events");
  return new Promise((resolve) => {
    const leave: (() => void)[] = [];
    const wake = () => {
      signal.removeEventListener("abort", wake);
      for (const stop of leave) stop();
      resolve();
    };
    const look = (head: Position) => {
      if (from === undefined || head.epoch !== from.epoch || head.pos > from.pos) wake();
    };
    if (signal.aborted) return wake();
    signal.addEventListener("abort", wake);
    leave.push(hub.onHead(site, look));
    if (channel === undefined) return;
    const follow = {
      delta: (delta: Position) => {
        look(delta);
        return "nothing" as const;
      },
      gap: wake,
      epoch: wake,
    };
    leave.push(channel.listen(follow));
  });
};
