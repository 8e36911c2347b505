import { Fault } from "@tagwire/messages";
import { snapshotRoomBytes } from "./connection.ts";
import type { Following } from "./following.ts";
import type { Page } from "./snapshots.ts";

/** `again`: what was sent so far cannot be gone on from. `unknown`: nothing is known of the site. `ended`: so did the subscription. */
export type Sent = "whole" | "again" | "unknown" | "ended";

/**
 * Sends a view page by page. The next page is not read before the one before it has left, so that a view of any size costs a page
 * of memory however slowly it is taken. The client holds it as of the first page's position: rows of later pages may be newer, and
 * what happened meanwhile follows as deltas.
 *
 * @throws Fault `too_large` for a view of more rows than anybody is sent, and as the owner of the view said it.
 */
export const sendSnapshot = async (following: Following): Promise<Sent> => {
  const { wanted, hub, channel, connection, signal } = following;
  const breaks = channel.breaks();
  let first: Page | undefined;
  let cursor: string | null = null;
  let part = 0;
  let rowCount = 0;

  const sendPage = async (): Promise<Sent | "more"> => {
    if (!(await hasRoom())) return "ended";
    const page = await hub.snapshots.page(wanted, { cursor, breaks }, signal);
    if (signal.aborted) return "ended";
    if (!page.known) return "unknown";
    first ??= page;
    hub.observe(wanted, page);
    if (channel.breaks() !== breaks || !isOneWith(first, page) || !isCovered(first)) return "again";
    rowCount += page.rowCount;
    if (rowCount > hub.snapshotRowsMax)
      throw new Fault("too_large", `more than ${hub.snapshotRowsMax} rows; ask with a filter`);
    if (!(await sendParts(page, first))) return "ended";
    cursor = page.next;
    if (cursor !== null) return "more";
    following.settle(first);
    return "whole";
  };

  const sendParts = async ({ parts, next }: Page, at: Page): Promise<boolean> => {
    const carried = parts.reduce((length, { length: more }) => length + more, 0);
    connection.carry(carried);
    try {
      for (const [index, rows] of parts.entries()) {
        if (!(await hasRoom())) return false;
        part += 1;
        following.part({ rows, part, last: next === null && index === parts.length - 1 }, at);
      }
    } finally {
      connection.carry(-carried);
    }
    return true;
  };

  const hasRoom = async (): Promise<boolean> => {
    if (!(await connection.waitForRoom(snapshotRoomBytes))) following.reset("slow");
    return !signal.aborted;
  };

  // What was said since then has to be there to follow the snapshot.
  const isCovered = ({ epoch, pos }: Page): boolean => channel.head()?.epoch === epoch && channel.covers(pos);

  following.dropHeld();
  for (;;) {
    const sent = await connection.alone(signal, sendPage);
    if (sent !== "more") return sent;
  }
};

const isOneWith = (one: Page, other: Page): boolean =>
  one.epoch === other.epoch && one.generation === other.generation;
