import { type Answer, whenSignedOut } from "./api/http.ts";
import { fetchSession, type Session, signIn, signOut } from "./api/session.ts";
import { browserWorld } from "./live/browser-world.ts";
import type { Link } from "./live/freshness.ts";
import { setHeld } from "./live/hold.ts";
import { type Live, startLive } from "./live/live.ts";
import { forget, readStored, store } from "./stored.ts";

export type SessionState =
  | { readonly kind: "checking" }
  | { readonly kind: "unreachable"; readonly message: string }
  | { readonly kind: "out"; readonly notice: string | undefined }
  /** `stays` says why somebody who wanted to sign out is still signed in. */
  | {
      readonly kind: "in";
      readonly session: Session;
      readonly live: Live;
      readonly stays: string | undefined;
    };

export type SessionKeeper = ReturnType<typeof createSessionKeeper>;

type Keeping = {
  /** Who is signed in now, if anybody. */
  person(name: string | undefined): void;
  /** The server is known to answer again: after signing in, and when the live connection is back. */
  connected(): void;
  /** Something about the live connection changed. */
  linked(): void;
  /** Why nobody may sign out just now; undefined when they may. */
  whyStay(): string | undefined;
};

const retryMs = 3_000;
const rememberedKey = "tagwire.session";
/** A page that is opened without a server lets whoever was signed in go on for so long after they were seen last, in ms. */
const rememberedForMs = 72 * 3_600_000;

const remember = ({ name, demo, now }: Session): void =>
  store(rememberedKey, JSON.stringify({ name, demo, now, seenAtMs: Date.now() }));

const readRemembered = (): Session | undefined => {
  try {
    const kept = JSON.parse(readStored(rememberedKey) ?? "null") as (Session & { seenAtMs: number }) | null;
    if (kept === null || typeof kept.name !== "string") return undefined;
    return Math.abs(Date.now() - kept.seenAtMs) < rememberedForMs ? kept : undefined;
  } catch {
    return undefined;
  }
};

/** Knows who is signed in, and keeps the live connection for exactly as long. */
export const createSessionKeeper = (keeping: Keeping) => {
  const listeners = new Set<() => void>();
  let state: SessionState = { kind: "checking" };

  const set = (next: SessionState): void => {
    if (state.kind === "in" && next.kind !== "in") {
      state.live.close();
      keeping.person(undefined);
    }
    state = next;
    for (const listener of listeners) listener();
  };

  const enter = (session: Session): void => {
    const live = startLive(browserWorld());
    setHeld(false);
    let wasOpen = false;
    live.link.subscribe(() => {
      const { phase } = live.link.get();
      if (phase === "signed_out") lost();
      keeping.linked();
      if (phase === "open" && !wasOpen) keeping.connected();
      wasOpen = phase === "open";
    });
    set({ kind: "in", session, live, stays: undefined });
    keeping.person(session.name);
    keeping.connected();
  };

  const settle = (answer: Answer<Session>, notice?: string): void => {
    if (answer.kind === "ok") {
      remember(answer.value);
      return enter(answer.value);
    }
    if (answer.kind === "signed_out") {
      forget(rememberedKey);
      return set({ kind: "out", notice });
    }
    if (!answer.refusal.retryable) return set({ kind: "out", notice: answer.refusal.message });
    // Without a server whoever was here a while ago goes on: what they scan is stored, and the first answer says whether they still may.
    const remembered = readRemembered();
    if (remembered !== undefined) return enter(remembered);
    set({ kind: "unreachable", message: answer.refusal.message });
    setTimeout(() => void fetchSession().then((again) => settle(again, notice)), retryMs);
  };

  const lost = (): void => {
    forget(rememberedKey);
    if (state.kind === "in") set({ kind: "out", notice: "Your session has ended. Sign in to go on." });
  };

  const stay = (stays: string | undefined): void => {
    if (state.kind === "in") set({ ...state, stays });
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
    /** The live connection of whoever is signed in. */
    link: (): Link | undefined => (state.kind === "in" ? state.live.link.get() : undefined),
    /** With the token of a sign-in link when the page was opened by one, else with the cookie it may have. */
    start: async (token: string | undefined): Promise<void> => {
      if (token === undefined) return settle(await fetchSession());
      const answer = await signIn({ token });
      if (answer.kind === "ok") return settle(answer);
      settle(
        await fetchSession(),
        "This sign-in link was used already or has expired. Each start of Tagwire prints another one.",
      );
    },
    /** Answers what is wrong with the key, or nothing when it opened the door. */
    signInWithKey: async (key: string): Promise<string | undefined> => {
      const answer = await signIn({ key });
      if (answer.kind === "ok") return void settle(answer);
      return answer.kind === "signed_out" ? "This key is not known, or was revoked." : answer.refusal.message;
    },
    /**
     * Signs out, or stays and says why. A page that only looks signed out would let the next person in with the cookie that
     * is still there.
     */
    leave: async (): Promise<void> => {
      const why = keeping.whyStay();
      if (why !== undefined) return stay(why);
      const answer = await signOut();
      if (answer.kind === "refused") return stay(answer.refusal.message);
      forget(rememberedKey);
      set({ kind: "out", notice: undefined });
    },
    /** They know that they are still signed in. */
    understood: (): void => stay(undefined),
    /** Some call was answered with 401. */
    lost,
  };
};
