import type {
  BeginSession,
  BegunSession,
  CloseSession,
  CountingDevice,
  DeclareSession,
  SessionFinding,
  SessionTag,
  SessionView,
} from "@tagwire/messages";
import { uuidv7 } from "uuidv7";
import { type Answer, call } from "./http.ts";

/** Tags of a session that are shown at once; the file has all of them. */
export const sessionTagsShownMax = 100;

const sitePath = (site: string): string => `/sites/${encodeURIComponent(site)}`;
const sessionPath = (site: string, id: string): string => `${sitePath(site)}/sessions/${id}`;

export const newSessionId = (): string => uuidv7();

/** Begins a session under an id of its own: sent again, it is begun once. */
export const beginSession = (site: string, session: BeginSession): Promise<Answer<BegunSession>> =>
  call(`${sitePath(site)}/sessions`, { method: "POST", body: session });

/** The session that is open at a station. */
export const fetchOpenAt = async (site: string, station: string): Promise<SessionView | undefined> => {
  const query = new URLSearchParams({ station, state: "open", limit: "1" });
  const answer = await call<{ data: SessionView[] }>(`${sitePath(site)}/sessions?${query}`);
  return answer.kind === "ok" ? answer.value.data[0] : undefined;
};

/** A session as it is now. */
export const fetchSession = (site: string, id: string): Promise<Answer<SessionView>> =>
  call(sessionPath(site, id));

/** Closes a session, and says what this device has scanned in it, where that is known here. */
export const closeSession = (
  site: string,
  id: string,
  declared: CloseSession = {},
): Promise<Answer<SessionView>> => call(`${sessionPath(site, id)}:close`, { method: "POST", body: declared });

/** Says that this device takes part: the session waits for what it declares. */
export const joinSession = (site: string, id: string, device: CountingDevice): Promise<Answer<SessionView>> =>
  call(`${sessionPath(site, id)}:join`, { method: "POST", body: { device } });

/** Says what this device has scanned in a session. */
export const declareSession = (
  site: string,
  id: string,
  declared: DeclareSession,
): Promise<Answer<SessionView>> =>
  call(`${sessionPath(site, id)}:declare`, { method: "POST", body: declared });

/** The tags of a session of which one thing is so. */
export const fetchSessionTags = (
  site: string,
  { id, finding }: { readonly id: string; readonly finding: SessionFinding },
  signal: AbortSignal,
): Promise<Answer<{ data: SessionTag[]; nextCursor: string | null }>> => {
  const query = new URLSearchParams({ finding, limit: String(sessionTagsShownMax) });
  return call(`${sessionPath(site, id)}/tags?${query}`, { signal });
};
