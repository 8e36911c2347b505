import type { SessionRow } from "@tagwire/messages";
import { useMemo } from "react";
import { useView } from "../live/use-live.ts";
import { SelectField } from "../look/field.tsx";
import { useSite } from "../site-context.ts";
import { sessionText, workersText } from "../words/sessions.ts";
import { sessionAt } from "./settings.ts";
import { useSettings, useStation } from "./station.ts";

const openOnly = { state: "open" };
/** Sessions to choose from: a house has a few open at a time. */
const sessionsShown = 50;

/** Sessions of one place look alike; who is at work there tells which one is meant. */
const toldApart = (session: SessionRow, others: readonly SessionRow[]): string => {
  const text = sessionText(session);
  const isAlone = others.every((other) => other.id === session.id || sessionText(other) !== text);
  return isAlone ? text : `${text} · ${workersText(session) ?? "nobody yet"}`;
};

const hintOf = (id: string, chosen: SessionRow | undefined): string => {
  if (id === "") return "What is scanned belongs to no session.";
  // Any other scan of linen is accepted as well, and then nobody has counted it.
  if (chosen?.mode === "laundry") return "Rental: to the cleaner. Return: back from it.";
  return "What is scanned belongs to it.";
};

/**
 * The session that the next scans belong to. It is there while none is open, too, and has a line below it always: nothing may move under
 * the thumb when one begins or is over.
 */
export const SessionField = () => {
  const station = useStation();
  const site = useSite();
  const settings = useSettings();
  const snapshot = useView(site.id, "sessions", openOnly);
  const open = useMemo(
    () =>
      ([...snapshot.rows.values()] as unknown as SessionRow[])
        .sort((a, b) => (a.activeAt < b.activeAt ? 1 : -1))
        .slice(0, sessionsShown),
    [snapshot],
  );
  const id = sessionAt(settings, site.id) ?? "";
  const chosen = open.find((session) => session.id === id);
  const isListed = id === "" || chosen !== undefined;
  const isOver = snapshot.whole && !snapshot.rows.has(id) && id !== "";
  return (
    <SelectField
      label="Session"
      className="hit-large"
      value={id}
      hint={hintOf(id, chosen)}
      error={isOver ? "It is over. Choose another, or none." : undefined}
      onChange={({ target: { value } }) =>
        station.change({ session: value === "" ? null : { site: site.id, id: value } })
      }
    >
      <option value="">{snapshot.whole && open.length === 0 ? "None is open" : "None"}</option>
      {!isListed && (
        <option value={id}>{isOver ? "A session that is over" : "The one that was chosen"}</option>
      )}
      {open.map((session) => (
        <option key={session.id} value={session.id}>
          {toldApart(session, open)}
        </option>
      ))}
    </SelectField>
  );
};
