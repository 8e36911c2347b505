import { Fault, type PushedEvents } from "@tagwire/messages";
import { Repeats } from "./repeats.ts";

/** What somebody brought that was no JSON: why, and how it begins. */
export type Unreadable = { readonly reason: string; readonly start: string };

type Listener = (events: readonly unknown[], unreadable?: Unreadable) => Promise<PushedEvents>;

/** Events that may wait for others of the same reader to be heard: some whole pushes. */
export const waitingEventsMax = 100_000;

/**
 * Where a reader's events arrive that it brings by itself, over HTTP or MQTT. It is there as long as the reader is: a connection
 * comes and goes, and what came before is known through all of them.
 */
export class Inbox {
  readonly repeats: Repeats;
  #listener: Listener | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  /** What was brought and is not heard to its end, also when it says nothing or cannot be read. */
  #pushes = 0;

  /** `repeats` are what is known of events that came before this inbox was. */
  constructor(repeats: Repeats = new Repeats()) {
    this.repeats = repeats;
  }

  /** A driver that listens gets what is brought, one after the other and in order. The last one counts. Ends by what is returned. */
  listen(listener: Listener): () => void {
    this.#listener = listener;
    return () => {
      if (this.#listener === listener) this.#listener = undefined;
    };
  }

  /** Whether something is being heard that was brought, and will come again when it is not answered. */
  get isBringing(): boolean {
    return this.#pushes > 0;
  }

  /** Whether an event with this key was heard before. */
  isRepeat(key: string): boolean {
    return this.repeats.isRepeat(key, performance.now());
  }

  /** An event was heard to its end. Only what is brought comes again when this process is gone: a stream is fetched once. */
  remember(key: string): void {
    this.repeats.remember(key, performance.now(), { isToBeTold: this.isBringing });
  }

  /**
   * Resolves when all of it was heard; what came before is heard first.
   *
   * @throws Fault `reader.deaf` when no driver listens, or none does any more before all is heard; `overloaded` when too much waits.
   */
  async bring(events: readonly unknown[], unreadable?: Unreadable): Promise<PushedEvents> {
    if (this.#listener === undefined) throw new Fault("reader.deaf", "");
    if (this.#waiting > 0 && this.#waiting + events.length > waitingEventsMax)
      throw new Fault("overloaded", "events of this reader wait to be heard");
    this.#waiting += events.length;
    this.#pushes += 1;
    const heard = this.#turn.then(() => {
      if (this.#listener === undefined) throw new Fault("reader.deaf", "");
      return this.#listener(events, unreadable);
    });
    this.#turn = heard.catch(() => {});
    try {
      return await heard;
    } finally {
      this.#waiting -= events.length;
      this.#pushes -= 1;
    }
  }
}
