import { type Answer, call } from "./http.ts";

export type Session = { readonly name: string; readonly demo: boolean };

export const fetchSession = (): Promise<Answer<Session>> => call("/session");

/** Signs in with the one-time token of a sign-in link, or with an API key. The server sets the cookie. */
export const signIn = (credential: { token: string } | { key: string }): Promise<Answer<Session>> =>
  call("/session", { method: "POST", body: credential });

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
