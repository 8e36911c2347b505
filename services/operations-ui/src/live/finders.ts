import type { ErrorFrame, FoundFrame, LiveRequest } from "./protocol.ts";

/** What somebody looks for with their ears. */
export type Sought = { readonly site: string; readonly tags: readonly string[] };
export type SoughtHeard = {
  found(frame: FoundFrame): void;
  /** Nothing is heard from now on: the way to the server is lost, and comes back by itself. */
  lost(): void;
  /** The server does not look for these, and says why. */
  refused(message: string): void;
};

type Finder = Sought & { readonly heard: SoughtHeard };

/**
 * Find mode over the live connection. Nothing of it is kept or repeated: what is heard is said at once or never, so that a new
 * connection only has to be told again what is looked for.
 */
export const createFinders = (send: (request: LiveRequest) => void) => {
  const finders = new Map<string, Finder>();
  let serial = 0;
  let isOpen = false;
  const ask = (id: string, { site, tags }: Finder): void => send({ op: "find", id, site, tags: [...tags] });
  return {
    /** Begins to look, and gives the way to stop. */
    find: (sought: Sought, heard: SoughtHeard): (() => void) => {
      serial += 1;
      const id = `find.${serial}`;
      const finder = { ...sought, heard };
      finders.set(id, finder);
      ask(id, finder);
      return () => {
        if (finders.delete(id)) send({ op: "unsub", id });
      };
    },
    opened: (): void => {
      isOpen = true;
      for (const [id, finder] of finders) ask(id, finder);
    },
    /** A line is dropped again with each attempt to make it anew, and that is one loss. */
    dropped: (): void => {
      if (!isOpen) return;
      isOpen = false;
      for (const { heard } of finders.values()) heard.lost();
    },
    found: (frame: FoundFrame): void => finders.get(frame.id)?.heard.found(frame),
    /** Says whether the error was about something that is looked for. */
    failed: ({ id, message }: ErrorFrame): boolean => {
      const finder = id === undefined ? undefined : finders.get(id);
      finder?.heard.refused(message);
      return finder !== undefined;
    },
  };
};
