import { Fault, type PushedEvents } from "@tagwire/messages";
import { Repeats } from "./repeats.ts";

/** What somebody brought that was no JSON: why, and how it begins. */
export type Unreadable = { readonly reason: string; readonly start: string };

type Listener = (events: readonly unknown[], unreadable?: Unreadable) => PushedEvents;

/**
 * Where a reader's events arrive that it brings by itself, over HTTP or MQTT. It is there as long as the reader is: a connection
 * comes and goes, and what came before is known through all of them.
 */
export class Inbox {
  readonly repeats = new Repeats();
  #listener: Listener | undefined;

  /** A driver that listens gets what is brought, at once and in order. The last one counts. Ends by what is returned. */
  listen(listener: Listener): () => void {
    this.#listener = listener;
    return () => {
      if (this.#listener === listener) this.#listener = undefined;
    };
  }

  /** @throws Fault `reader.deaf` while no driver listens. */
  bring(events: readonly unknown[], unreadable?: Unreadable): PushedEvents {
    if (this.#listener === undefined) throw new Fault("reader.deaf", "");
    return this.#listener(events, unreadable);
  }
}
