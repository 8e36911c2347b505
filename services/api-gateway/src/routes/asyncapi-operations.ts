import type { ChannelDeclaration, ChannelMessage } from "@tagwire/messages";
import type { Json, Members } from "./asyncapi-schemas.ts";

/** A reference to another place of the description. */
export const referTo = (...path: readonly string[]): Json => ({ $ref: `#/${path.join("/")}` });

/** The name of the message that answers one. */
export const answerName = (name: string): string => `${name}.answered`;

/** The channel of all answers: each goes to the address that whoever asks made for it. */
export const answers = "answers";

const postBinding: Json = { http: { method: "POST", bindingVersion: "0.3.0" } };
const queueBinding = (queue: string): Json => ({ nats: { queue, bindingVersion: "0.1.0" } });

const ways: Readonly<Record<ChannelDeclaration["over"], string>> = {
  bus: "On the bus.",
  socket: "Over the socket of one client.",
  webhook: "By HTTP; 2xx is an acknowledgement.",
};

/** What a service says on a channel, or hears there: one operation, and one for each request, which has an answer of its own. */
export const operationsOf = (key: string, { messages, over }: ChannelDeclaration): Members => {
  const operations: Members = {};
  const add = (
    service: string,
    action: "send" | "receive",
    verb: string,
    { about, summary, said }: { about: string; summary: string; said: readonly ChannelMessage[] },
  ) => {
    const [first] = said;
    operations[`${service}.${verb}.${about}`] = {
      action,
      title: `${service} ${verb} ${about}`,
      summary,
      tags: [{ name: service }],
      channel: referTo("channels", key),
      messages: said.map(({ name }) => referTo("channels", key, "messages", name)),
      ...(first?.answer === undefined
        ? {}
        : {
            reply: {
              channel: referTo("channels", answers),
              messages: [referTo("channels", answers, "messages", answerName(first.name))],
            },
            ...(first.from.length === 0 ? { bindings: queueBinding(service) } : {}),
          }),
      ...(over === "webhook" ? { bindings: postBinding } : {}),
    };
  };
  for (const said of messages.filter(({ answer }) => answer !== undefined)) {
    const told = { about: said.name, summary: said.summary, said: [said] };
    for (const service of said.from) add(service, "send", "asks", told);
    for (const service of said.to) add(service, "receive", "answers", told);
  }
  const oneWay = messages.filter(({ answer }) => answer === undefined);
  const summary = ways[over];
  for (const service of new Set(oneWay.flatMap(({ from }) => from))) {
    const said = oneWay.filter(({ from }) => from.includes(service));
    add(service, "send", "says", { about: key, summary, said });
  }
  for (const service of new Set(oneWay.flatMap(({ to }) => to))) {
    const said = oneWay.filter(({ to }) => to.includes(service));
    add(service, "receive", "hears", { about: key, summary, said });
  }
  return operations;
};
