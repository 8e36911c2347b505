import { chainStart } from "@tagwire/digest";
import { type LoggedEvent, newId } from "@tagwire/messages";
import { seal } from "../../store/turn.ts";
import type { Act } from "../act.ts";
import { nothingKnown } from "../known.ts";
import { decideTurn } from "../site.ts";
import { traceparent } from "../test-acts.ts";

/** What the log of a fresh site says after these acts, each decided as the site would. */
export const lifeOf = (acts: readonly Act[]): LoggedEvent[] => {
  const { said } = decideTurn({ epoch: 1, pos: 0 }, nothingKnown, acts);
  const nowMs = Math.max(0, ...acts.map(({ origin }) => Date.parse(origin.receivedAt)));
  const head = { epoch: 1, pos: 0, hash: chainStart, recordedAtMs: nowMs };
  return [...seal("north", said, head, nowMs).events];
};

/** An event of the log with everything that a test does not care about. */
export const logged = (event: Partial<LoggedEvent> & { type: string }): LoggedEvent => ({
  epoch: 1,
  pos: 7,
  id: newId(),
  site: "north",
  receivedAt: "2026-03-02T07:15:00.000Z",
  recordedAt: "2026-03-02T07:15:00.100Z",
  by: { device: "d" },
  traceId: traceparent.slice(3, 35),
  traceparent,
  data: {},
  prevHash: chainStart,
  hash: chainStart,
  ...event,
});
