import type { LoggedEvent } from "@tagwire/messages";
import { type School, scanNow } from "./school.ts";

/** What an exercise has made so far: its steps add to it, and look for it in what happened. */
export type Made = {
  readonly contract: string;
  readonly session: string;
  readonly tags: readonly string[];
  /** The one that is treated otherwise than the rest. */
  readonly odd: string;
  readonly scans: readonly string[];
};
export const nothingMade: Made = { contract: "", session: "", tags: [], odd: "", scans: [] };

/** What really happened since the exercise began, and whether the tag that is looked for was heard. */
export type Seen = { readonly events: readonly LoggedEvent[]; readonly isHeard: boolean };
export type Tally = { readonly have: number; readonly want: number };

export type Step = {
  readonly say: string;
  /** What should be seen afterwards. */
  readonly watch: string;
  readonly button: string;
  readonly act: (school: School, made: Made) => Promise<Partial<Made>>;
  /** Counted in the events of the site, never in what the page did. */
  readonly tally: (seen: Seen, made: Made) => Tally;
};
export type Exercise = {
  readonly id: string;
  readonly title: string;
  readonly why: string;
  /** Whether its tag is looked for while it goes on. */
  readonly finds?: true;
  readonly steps: readonly Step[];
};

export type Wanted = (event: LoggedEvent, made: Made) => boolean;
export const is = ({ type }: LoggedEvent, ...names: readonly string[]): boolean =>
  names.some((name) => type.startsWith(`${name}.v`));
export const setOf = ({ data }: LoggedEvent): Readonly<Record<string, unknown>> =>
  (data.set ?? {}) as Readonly<Record<string, unknown>>;

/** So many of the tags that are meant have such an event; without any, one event is enough. */
export const tagsWith =
  (isWanted: Wanted, of: (made: Made) => readonly string[] = ({ tags }) => tags) =>
  ({ events }: Seen, made: Made): Tally => {
    const meant = new Set(of(made));
    const told = new Set(events.filter((event) => isWanted(event, made)).map(({ tag = "" }) => tag));
    return { have: [...told].filter((tag) => meant.has(tag)).length, want: meant.size };
  };
export const once =
  (isWanted: Wanted) =>
  ({ events }: Seen, made: Made): Tally => ({
    have: events.some((event) => isWanted(event, made)) ? 1 : 0,
    want: 1,
  });
export const oddTag = ({ odd }: Made): readonly string[] => [odd];
export const inSession = (event: LoggedEvent, { session }: Made): boolean => event.session === session;

export const closing: Step = {
  say: "Close the session: what was expected is compared with what was found.",
  watch: "The session is closed, on the board Sessions too.",
  button: "Close the session",
  act: async (school, { session }) => {
    await school.close(session);
    await school.take();
    return {};
  },
  tally: once((event, made) => is(event, "session.closed") && inSession(event, made)),
};
export const begun = once((event, made) => is(event, "session.begun") && inSession(event, made));
export const rented: Wanted = (event, made) => is(event, "item.rented") && inSession(event, made);
export const returned: Wanted = (event, made) => is(event, "item.returned") && inSession(event, made);

/** Things that are out on a contract of their own, as a return needs them. */
export const rentOut = async (school: School, count: number): Promise<Partial<Made>> => {
  const tags = await school.ready("Practice chair", count);
  const contract = await school.open({ "Practice chair": count });
  const scans = await school.scan(...tags.map((tag) => scanNow(tag, { type: "rental", contract })));
  return { contract, tags, scans: scans.map(({ id }) => id) };
};
