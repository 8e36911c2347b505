import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { WebhookMessage } from "@tagwire/messages";

/** Something that was posted, and what the receiver said to it. */
export type Posted = {
  readonly headers: Record<"webhook-id" | "webhook-timestamp" | "webhook-signature", string>;
  readonly text: string;
  readonly message: WebhookMessage;
  readonly status: number | "silence";
  readonly atMs: number;
};

/** How a receiver behaves: a status, with headers where they matter, or no answer at all. */
export type Behaviour = (
  message: WebhookMessage,
  headers: IncomingHttpHeaders,
) => number | "silence" | { readonly status: number; readonly headers: Readonly<Record<string, string>> };

export type Receiver = {
  readonly url: string;
  /** Everything that was posted, in the order in which it was answered. */
  readonly posted: Posted[];
  /** What was taken of the log: events, without canaries and tests. */
  readonly taken: () => Posted[];
  readonly behave: (behaviour: Behaviour) => void;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

const isEvent = ({ message }: Posted): boolean => !message.type.startsWith("webhook.");

/** A real HTTP server that takes webhooks, and fails when it is told to. */
export const openReceiver = async (): Promise<Receiver> => {
  const posted: Posted[] = [];
  let behaviour: Behaviour = () => 200;

  const answer = (response: ServerResponse, text: string, headers: IncomingHttpHeaders) => {
    const message: WebhookMessage = JSON.parse(text);
    const said = behaviour(message, headers);
    const status = typeof said === "object" ? said.status : said;
    posted.push({ headers: headers as Posted["headers"], text, message, status, atMs: performance.now() });
    if (status === "silence") return;
    response.writeHead(status, typeof said === "object" ? said.headers : {}).end();
  };

  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    answer(response, text, request.headers);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    posted,
    taken: () => posted.filter((one) => one.status === 200 && isEvent(one)),
    behave: (next) => {
      behaviour = next;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};
