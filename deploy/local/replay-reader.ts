import { type Antenna, Fault, type Reader, type ReplayedEvent } from "@tagwire/messages";
import type { Access } from "./access.ts";
import { call, faultOf, fieldOf } from "./call.ts";

/** What a recording tells of its reader, as far as another reader can be like it. */
export type Likeness = {
  readonly antennas: readonly Pick<Antenna, "port" | "place" | "role" | "station" | "side">[];
  readonly station?: string;
  readonly rules?: unknown;
};

/** The reader that seems to read. */
export type ReplayReader = {
  /** Resolves when the observations that the events made are in Postgres. */
  readonly push: (events: readonly ReplayedEvent[]) => Promise<void>;
};

/**
 * Finds the reader, or makes one that stands as the recorded one stood.
 *
 * @throws Fault `reader_exists` when it is a real one; whatever Tagwire answers, such as `site_unknown`.
 */
export const openReplayReader = async (
  access: Access,
  { site, id }: { readonly site: string; readonly id: string },
  like: Likeness,
): Promise<ReplayReader> => {
  const readers = `/sites/${encodeURIComponent(site)}/readers`;
  const there = await call(access, "GET", `${readers}/${encodeURIComponent(id)}`);
  if (there.status === 200) {
    const { driver } = there.body as Reader;
    if (driver !== "replay")
      throw new Fault("reader_exists", `${id} is a ${driver} reader, and what it hears is not to be mixed`);
  } else if (fieldOf(there.body, "code") === "reader_unknown") {
    const made = await call(access, "POST", readers, { id, driver: "replay", ...like });
    if (made.status >= 300) throw faultOf(`reader ${id}`, made);
  } else throw faultOf(`reader ${id}`, there);
  return {
    push: async (events) => {
      const answer = await call(
        access,
        "POST",
        `/ingest/${encodeURIComponent(site)}/${encodeURIComponent(id)}`,
        events,
      );
      if (answer.status !== 202) throw faultOf("push", answer);
    },
  };
};
