import Type, { type TSchema } from "typebox";
import { Command, commandResults, Head } from "./commands.ts";
import { type EventDeclaration, LoggedEvent } from "./events.ts";
import { FoundReads } from "./find.ts";
import { LiveAcknowledge, LiveDelta, LiveFind, LiveSubscribe, LiveUnsubscribe, liveFrames } from "./live.ts";
import { liveViewOf, liveViews } from "./live-views.ts";
import { EventHeaders, ObservationHeaders, RequestHeaders } from "./message-headers.ts";
import { ObservationBatch, Taken } from "./observations.ts";
import { ParkedMessage } from "./parked.ts";
import { askSubject, type Question } from "./question.ts";
import { ReaderDo, ReaderDone } from "./questions.ts";
import { declaredEvents, declaredQuestions } from "./registry.ts";
import { Events, Observations, Parked, ReaderPosts, type StreamDeclaration } from "./streams.ts";
import { WebhookAlertMessage } from "./webhook-alerts.ts";
import { WebhookHeaders, WebhookMessage, WebhookProof, webhookOrder } from "./webhooks.ts";

/**
 * One kind of message: which services say it and hear it, and what it is answered with, where somebody waits for that. Clients, and
 * whoever asks what anybody may ask, have no name.
 */
export type ChannelMessage = {
  readonly name: string;
  readonly summary: string;
  readonly body: TSchema;
  readonly answer?: TSchema;
  readonly from: readonly string[];
  readonly to: readonly string[];
};

/** A family of subjects, the socket or webhooks: where messages are said and what delivery promises. */
export type ChannelDeclaration = {
  /** Members in braces are filled in; null where whoever hears it gave the address. */
  readonly address: string | null;
  readonly summary: string;
  readonly over: "bus" | "socket" | "webhook";
  /** Keeps what is said; without one a message reaches whoever listens at that moment, or nobody. */
  readonly stream?: StreamDeclaration;
  readonly headers?: TSchema;
  readonly messages: readonly ChannelMessage[];
};

/** The envelope with the type and the data of one event. */
const bodyOf = ({ type, body }: EventDeclaration) =>
  Type.Intersect([LoggedEvent, Type.Object({ type: Type.Literal(type), data: body })]);

const askChannel = (question: Question): readonly [string, ChannelDeclaration] => {
  const address = askSubject(question);
  return [
    address,
    {
      address,
      summary: `A question that ${question.service} answers, any replica of it. Request and reply.`,
      over: "bus",
      headers: RequestHeaders,
      messages: [
        {
          name: address,
          summary: `Asks for ${question.name.replaceAll("-", " ")}.`,
          body: question.question,
          answer: question.answer,
          from: [],
          to: [question.service],
        },
      ],
    },
  ];
};

const liveChannels = liveViews.map((view): readonly [string, ChannelDeclaration] => [
  `live.${view}`,
  {
    address: `live.{site}.${view}`,
    summary: `Changes of the rows that the view ${view} is made of. At most once: who sees a gap asks for a snapshot.`,
    over: "bus",
    messages: [
      {
        name: `live.${view}.changed`,
        summary: `Rows of ${view} changed, or are gone.`,
        body: LiveDelta,
        from: [liveViewOf(view).owner],
        // What is said of alerts also wakes whoever delivers webhooks.
        to: view === "alerts" ? ["api-gateway", "manager"] : ["api-gateway"],
      },
    ],
  },
]);

const heard = { from: [], to: ["api-gateway"] } as const;
const told = { from: ["api-gateway"], to: [] } as const;

/** Everywhere that something is said, made from the declarations: every event, command, question and live view. */
export const declaredChannels: Readonly<Record<string, ChannelDeclaration>> = {
  observations: {
    address: "observations.{partition}.{site}.{reader}",
    summary: "Smoothed reads of one reader. At least once, until operations has said that it took them.",
    over: "bus",
    stream: Observations,
    headers: ObservationHeaders,
    messages: [
      {
        name: "reader.observations.v1",
        summary: "Tags were seen at places.",
        body: ObservationBatch,
        from: ["reader-gateway"],
        to: ["operations"],
      },
    ],
  },
  taken: {
    address: "taken.{site}.{reader}",
    summary:
      "Which observations are in the record. At most once: a repeat of the observation is answered again.",
    over: "bus",
    messages: [
      {
        name: "observations.taken",
        summary: "Observations were decided and committed.",
        body: Taken,
        from: ["operations"],
        to: ["reader-gateway"],
      },
    ],
  },
  "reader.posts": {
    address: "readers.{site}.{reader}.{topic}",
    summary:
      "What readers publish over MQTT to topics readers/<site>/<reader>/…, each with a key of its own. At least once; the last part is the reader's own affair, and may have parts itself.",
    over: "bus",
    stream: ReaderPosts,
    messages: [
      {
        name: "reader.posted",
        summary: "Events in a form of the reader's maker: one, an array of them, or reads.",
        body: Type.Unknown(),
        from: [],
        to: ["reader-gateway"],
      },
    ],
  },
  events: {
    address: "events.{partition}.{site}.{entity}.{happened}",
    summary:
      "Everything that operations has committed. At least once, in the site's order; (site, epoch, pos) is the identity.",
    over: "bus",
    stream: Events,
    headers: EventHeaders,
    messages: [...declaredEvents].map(([declaration, summary]) => ({
      name: declaration.type,
      summary,
      body: bodyOf(declaration),
      from: ["operations"],
      to: ["manager"],
    })),
  },
  heads: {
    address: "head.{site}",
    summary: "The newest position of a site, once a second, so that the idle know they missed nothing.",
    over: "bus",
    messages: [
      {
        name: "head",
        summary: "How far the site's log goes.",
        body: Head,
        from: ["operations"],
        to: ["manager", "api-gateway"],
      },
    ],
  },
  commands: {
    address: "commands.{partition}.{site}",
    summary:
      "Asked of the site's owner and answered after the commit. Nobody there: nobody owns the site this instant; repeat with the same ids.",
    over: "bus",
    headers: RequestHeaders,
    messages: Command.anyOf.map((body) => {
      const kind = body.properties.kind.const;
      return {
        name: kind,
        summary: `The command ${kind}; its id makes a repeat safe.`,
        body,
        answer: commandResults[kind],
        from: ["api-gateway"],
        to: ["operations"],
      };
    }),
  },
  "reader.do": {
    address: "reader.do.{site}.{reader}",
    summary: "Asked of the process that runs the reader. Request and reply.",
    over: "bus",
    headers: RequestHeaders,
    messages: [
      {
        name: "reader.do",
        summary: "Start or stop the reader.",
        body: ReaderDo,
        answer: ReaderDone,
        from: ["api-gateway"],
        to: ["reader-gateway"],
      },
    ],
  },
  found: {
    address: "live.{site}.find",
    summary:
      "What readers hear of tags that somebody looks for, as it is heard. Core NATS, at most once; nothing without AskFind.",
    over: "bus",
    messages: [
      {
        name: "found.reads",
        summary: "How loud they were since the message before.",
        body: FoundReads,
        from: ["reader-gateway"],
        to: ["api-gateway"],
      },
    ],
  },
  parked: {
    address: "parked.{service}.{reason}",
    summary:
      "Messages that nobody could read or apply. Kept for a month, to be looked at and replayed by hand.",
    over: "bus",
    stream: Parked,
    messages: [
      {
        name: "parked",
        summary: "A message was put aside, with its bytes and the reason.",
        body: ParkedMessage,
        from: ["operations", "manager"],
        to: [],
      },
    ],
  },
  ...Object.fromEntries(liveChannels),
  ...Object.fromEntries(declaredQuestions.map(askChannel)),
  live: {
    address: "/api/v1/live",
    summary: "Live views over a WebSocket, gap-free: snapshot first, then every change after it.",
    over: "socket",
    messages: [
      ...Object.entries(LiveSubscribe).map(([view, body]) => ({
        name: `sub.${view}`,
        summary: `Asks for the view ${view}, from a position on where one is named.`,
        body,
        ...heard,
      })),
      { name: "find", summary: "Looks for tags by how loud they are.", body: LiveFind, ...heard },
      { name: "unsub", summary: "Ends a subscription.", body: LiveUnsubscribe, ...heard },
      { name: "ack", summary: "Says how far the client has got.", body: LiveAcknowledge, ...heard },
      { name: "snap", summary: "A part of the rows as of one position.", body: liveFrames.snap, ...told },
      { name: "delta", summary: "What changed after the frame before it.", body: liveFrames.delta, ...told },
      {
        name: "found",
        summary: "How loud what is looked for was since the frame before.",
        body: liveFrames.found,
        ...told,
      },
      {
        name: "tick",
        summary: "Every ten seconds: how far each site has got.",
        body: liveFrames.tick,
        ...told,
      },
      { name: "reset", summary: "The subscription has to begin anew.", body: liveFrames.reset, ...told },
      { name: "error", summary: "What the client said cannot be had.", body: liveFrames.error, ...told },
    ],
  },
  webhooks: {
    address: null,
    summary: `Posted to an endpoint and signed by Standard Webhooks. At least once; webhook-id is the identity. ${webhookOrder}`,
    over: "webhook",
    headers: WebhookHeaders,
    messages: [
      {
        name: "webhook.event",
        summary: "An event that the endpoint wants; its data is that of the event of the same type.",
        body: WebhookMessage,
        from: ["manager"],
        to: [],
      },
      {
        name: "webhook.alert",
        summary: "A change of an alert, for the endpoints that its rule tells.",
        body: WebhookAlertMessage,
        from: ["manager"],
        to: [],
      },
      {
        name: "webhook.proof",
        summary: "The daily proof that an endpoint works, or a test that somebody asked for.",
        body: WebhookProof,
        from: ["manager"],
        to: [],
      },
    ],
  },
};
