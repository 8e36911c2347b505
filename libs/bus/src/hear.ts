import { headers, type Msg } from "@nats-io/transport-node";
import type { Subscription } from "./ask.ts";
import type { Bus } from "./bus.ts";

/** Says something to whoever listens now: core NATS, at most once. */
export const say = (bus: Bus, subject: string, body: unknown, traceparent?: string): void => {
  if (traceparent === undefined) return bus.connection.publish(subject, JSON.stringify(body));
  const carried = headers();
  carried.set("traceparent", traceparent);
  bus.connection.publish(subject, JSON.stringify(body), { headers: carried });
};

/** Hears what is said on a core subject. The listener is called in order and must not throw or wait. */
export const hear = (bus: Bus, subject: string, listen: (message: Msg) => void): Subscription => {
  const subscription = bus.connection.subscribe(subject, {
    callback: (error, message) => {
      if (error !== null) return bus.log.error({ err: error, subject }, "subscription refused");
      try {
        listen(message);
      } catch (err) {
        bus.log.error({ err, subject: message.subject }, "could not read what was said");
      }
    },
  });
  return { stop: () => subscription.drain() };
};
