import Type, { type Static } from "typebox";
import { Instant, SiteId } from "./ids.ts";

/* What travels beside a message. CloudEvents 1.0, binary mode of the NATS binding: the envelope is `ce-` headers, the body the data. */

/** W3C Trace Context: the trace of the antenna or tap that caused it. */
const traceparent = Type.String({
  pattern: "^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$",
  description: "W3C Trace Context",
});

/** Whoever asks says in which trace. */
export const RequestHeaders = Type.Object({ traceparent });
export type RequestHeaders = Static<typeof RequestHeaders>;

const cloudEvent = {
  traceparent,
  "ce-specversion": Type.Literal("1.0"),
  "ce-id": Type.String(),
  "ce-type": Type.String(),
  "ce-source": Type.String({
    description: "a URI reference: /sites/<site>, of a reader /sites/<site>/readers/<reader>",
  }),
  "ce-time": Instant,
  "tw-site": SiteId,
};

export const EventHeaders = Type.Object({
  ...cloudEvent,
  "ce-subject": Type.Optional(Type.String({ description: "the tag, percent-encoded" })),
  "tw-epoch": Type.String({ pattern: "^\\d+$" }),
  "tw-pos": Type.String({ pattern: "^\\d+$", description: "dense from 1 within an epoch of the site" }),
});
export type EventHeaders = Static<typeof EventHeaders>;

export const ObservationHeaders = Type.Object({
  ...cloudEvent,
  "ce-subject": Type.String({ description: "the reader's id" }),
});
export type ObservationHeaders = Static<typeof ObservationHeaders>;

/** The header under which the server of a stream drops repeats. Whoever publishes adds it to the headers of the message. */
export const messageIdHeader = "Nats-Msg-Id";
