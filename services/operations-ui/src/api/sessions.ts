import type {
  BeginSession,
  BegunSession,
  SessionFinding,
  SessionTag,
  SessionView,
  TagSet,
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

/** Closes a session, and says what was scanned in it, where that is known here: it is compared with what has arrived. */
export const closeSession = (site: string, id: string, declared?: TagSet): Promise<Answer<SessionView>> =>
  call(`${sessionPath(site, id)}:close`, { method: "POST", body: { ...declared } });

const tagsPerPage = 200;

/** Every tag that was scanned in a session and has arrived, whoever scanned it; undefined when nobody says so. */
export const fetchScannedTags = async (site: string, id: string): Promise<string[] | undefined> => {
  const tags: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const query = new URLSearchParams({ finding: "scanned", limit: String(tagsPerPage) });
    if (cursor !== undefined) query.set("cursor", cursor);
    const answer: Answer<{ data: SessionTag[]; nextCursor: string | null }> = await call(
      `${sessionPath(site, id)}/tags?${query}`,
    );
    if (answer.kind !== "ok") return undefined;
    tags.push(...answer.value.data.map(({ tag }) => tag));
    cursor = answer.value.nextCursor;
  }
  return tags;
};

/** The tags of a session of which one thing is so. */
export const fetchSessionTags = (
  site: string,
  { id, finding }: { readonly id: string; readonly finding: SessionFinding },
  signal: AbortSignal,
): Promise<Answer<{ data: SessionTag[]; nextCursor: string | null }>> => {
  const query = new URLSearchParams({ finding, limit: String(sessionTagsShownMax) });
  return call(`${sessionPath(site, id)}/tags?${query}`, { signal });
};
