import { type Answer, whenSignedOut } from "./api/http.ts";
import { fetchSession, type Session, signIn, signOut } from "./api/session.ts";
import { browserWorld } from "./live/browser-world.ts";
import { type Live, startLive } from "./live/live.ts";

export type SessionState =
  | { readonly kind: "checking" }
  | { readonly kind: "unreachable"; readonly message: string }
  | { readonly kind: "out"; readonly notice: string | undefined }
  | { readonly kind: "in"; readonly session: Session; readonly live: Live };

export type SessionKeeper = ReturnType<typeof createSessionKeeper>;

const retryMs = 3_000;

/**
 * Knows who is signed in, and keeps the live connection for exactly as long. `onConnected` is called whenever the server is
 * known to answer again: after signing in, and when the live connection is back.
 */
export const createSessionKeeper = (onConnected: () => void) => {
  const listeners = new Set<() => void>();
  let state: SessionState = { kind: "checking" };

  const set = (next: SessionState): void => {
    if (state.kind === "in" && next.kind !== "in") state.live.close();
    state = next;
    for (const listener of listeners) listener();
  };

  const enter = (session: Session): void => {
    const live = startLive(browserWorld());
    let wasOpen = false;
    live.link.subscribe(() => {
      const { phase } = live.link.get();
      if (phase === "signed_out") lost();
      if (phase === "open" && !wasOpen) onConnected();
      wasOpen = phase === "open";
    });
    set({ kind: "in", session, live });
    onConnected();
  };

  const settle = (answer: Answer<Session>, notice?: string): void => {
    if (answer.kind === "ok") return enter(answer.value);
    if (answer.kind === "signed_out") return set({ kind: "out", notice });
    if (!answer.refusal.retryable) return set({ kind: "out", notice: answer.refusal.message });
    set({ kind: "unreachable", message: answer.refusal.message });
    setTimeout(() => void fetchSession().then((again) => settle(again, notice)), retryMs);
  };

  const lost = (): void => {
    if (state.kind === "in") set({ kind: "out", notice: "Your session has ended. Sign in to go on." });
  };

  whenSignedOut(lost);
  addEventListener("online", () => state.kind === "in" && state.live.hurry());
  addEventListener("offline", () => state.kind === "in" && state.live.lost());

  return {
    subscribe: (listener: () => void): (() => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    get: (): SessionState => state,
    /** With the token of a sign-in link when the page was opened by one, else with the cookie it may have. */
    start: async (token: string | undefined): Promise<void> => {
      if (token === undefined) return settle(await fetchSession());
      const answer = await signIn({ token });
      if (answer.kind === "ok") return enter(answer.value);
      settle(await fetchSession(), "This sign-in link was used already or has expired.");
    },
    /** Answers what is wrong with the key, or nothing when it opened the door. */
    signInWithKey: async (key: string): Promise<string | undefined> => {
      const answer = await signIn({ key });
      if (answer.kind === "ok") return void enter(answer.value);
      return answer.kind === "signed_out" ? "This key is not known, or was revoked." : answer.refusal.message;
    },
    leave: async (): Promise<void> => {
      await signOut();
      set({ kind: "out", notice: undefined });
    },
    /** Some call was answered with 401. */
    lost,
  };
};
