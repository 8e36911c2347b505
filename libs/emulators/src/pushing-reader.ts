import { setTimeout } from "node:timers/promises";
import { inputEvent, tagEvent, toldByDefault } from "./r700/events.ts";
import type { TagSource } from "./tag-source.ts";
import { type ZebraShape, zebraHeartbeat, zebraInputEvent, zebraTagEvent } from "./zebra/events.ts";

/** Carries one body to whoever is told; rejects when it was not acknowledged, and is asked to carry the same once more. */
export type Carry = (body: string) => Promise<void>;

export type PushingReaderOptions = {
  readonly make: "impinj" | "zebra";
  readonly world: TagSource;
  readonly antennas: readonly number[];
  readonly carry: Carry;
  readonly roundMs?: number;
  /** How long it waits before it sends a body again that was not acknowledged, in ms. */
  readonly retryMs?: number;
  readonly zebra?: ZebraShape;
  /** Zebra only: sends each tag in a body of its own, as over MQTT. */
  readonly singly?: boolean;
};

export type PushingReader = {
  /** How many tag events were acknowledged, each counted once. */
  readonly acknowledged: () => number;
  /** How often a body had to be sent once more. */
  readonly retries: () => number;
  /** Breaks the light barrier at an input for a moment; told with what is sent next. */
  readonly breakInput: (port: number) => void;
  readonly stop: () => Promise<void>;
};

const defaults = { roundMs: 20, retryMs: 20 } as const;

/**
 * A reader that pushes: an R700's webhook (an array of events, sometimes an empty one) or a Zebra IoT Connector. What was not
 * acknowledged it sends again, word for word, before anything newer.
 */
export const startPushingReader = (options: PushingReaderOptions): PushingReader => {
  const { make, world, antennas, carry, singly = false } = options;
  let isStopped = false;
  let number = 0;
  let acknowledged = 0;
  let retries = 0;
  let broken: object[] = [];

  const events = (): object[] =>
    antennas.flatMap((antenna) => {
      const atMs = Date.now();
      return world.sees(antenna, atMs).map((tag) => {
        number += 1;
        return make === "impinj"
          ? tagEvent(tag, { atMs, antenna, number, fields: toldByDefault })
          : zebraTagEvent(tag, { ...options.zebra, atMs, antenna, number });
      });
    });
  const breakInput = (port: number): void => {
    const at = () => {
      number += 1;
      return { atMs: Date.now(), number };
    };
    const told =
      make === "impinj"
        ? (["low-to-high", "high-to-low"] as const).map((transition) =>
            inputEvent({ gpi: port, transition }, at()),
          )
        : (["LOW", "HIGH"] as const).map((state) => zebraInputEvent({ pin: port, state }, at()));
    broken = [...broken, ...told];
  };
  const heartbeat = (): object => {
    const plugged = Object.fromEntries(antennas.map((port) => [port, "connected" as const]));
    return zebraHeartbeat(plugged, { atMs: Date.now(), number: 0 });
  };
  const send = async (body: string, tags: number): Promise<void> => {
    while (!isStopped) {
      const isTaken = await carry(body).then(
        () => true,
        () => false,
      );
      if (isTaken) {
        acknowledged += tags;
        return;
      }
      retries += 1;
      await setTimeout(options.retryMs ?? defaults.retryMs);
    }
  };
  const live = async (): Promise<void> => {
    if (make === "zebra") await send(JSON.stringify(heartbeat()), 0);
    while (!isStopped) {
      const inputs = broken;
      broken = [];
      for (const one of inputs) await send(JSON.stringify(one), 0);
      const told = events();
      if (singly) for (const one of told) await send(JSON.stringify(one), 1);
      else await send(JSON.stringify(told), told.length);
      await setTimeout(options.roundMs ?? defaults.roundMs);
    }
  };
  const living = live();
  return {
    acknowledged: () => acknowledged,
    retries: () => retries,
    breakInput,
    stop: async () => {
      isStopped = true;
      await living;
    },
  };
};
