import { type Answer, type Call, call } from "./http.ts";
import { compareClocks } from "./rough-clock.ts";

/** `now` is the server's clock, an ISO time. */
export type Session = { readonly name: string; readonly demo: boolean; readonly now: string };

const askSession = async (request?: Call): Promise<Answer<Session>> => {
  const sentAtMs = Date.now();
  const answer = await call<Session>("/session", request);
  if (answer.kind === "ok") compareClocks(answer.value.now, sentAtMs);
  return answer;
};

export const fetchSession = (): Promise<Answer<Session>> => askSession();

/** Signs in with the one-time token of a sign-in link, or with an API key. The server sets the cookie. */
export const signIn = (credential: { token: string } | { key: string }): Promise<Answer<Session>> =>
  askSession({ method: "POST", body: credential });

export const signOut = (): Promise<Answer<unknown>> => call("/session", { method: "DELETE" });

/**
 * The token of a sign-in link (`/#sign-in=<token>`), taken out of the address at once: it must not stay in the history, in
 * a bookmark or on a shared screen.
 */
export const takeSignInToken = (): string | undefined => {
  const match = /^#sign-in=(.+)$/.exec(location.hash);
  if (match?.[1] === undefined) return undefined;
  history.replaceState(null, "", location.pathname + location.search);
  try {
    return decodeURIComponent(match[1]);
  } catch {
    return match[1];
  }
};
