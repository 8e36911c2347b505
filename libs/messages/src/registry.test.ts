import { expect, test } from "vitest";
import { declaredChannels } from "./channels.ts";
import { Command, commandSubject, headSubject } from "./commands.ts";
import { eventSubject } from "./events.ts";
import { findSubject } from "./find.ts";
import { LiveRequest, liveFrames, liveSubject } from "./live.ts";
import { liveViews } from "./live-views.ts";
import * as declarations from "./mod.ts";
import { observationSubject, takenSubject } from "./observations.ts";
import { parkedSubject } from "./parked.ts";
import { askSubject } from "./question.ts";
import { readerPostSubject } from "./reader-events.ts";
import { readerDoSubject } from "./readers.ts";
import { declaredEvents, declaredQuestions } from "./registry.ts";

/** The names of everything exported that has all of these members. */
const exportedWith = (...members: readonly string[]): [string, unknown][] =>
  Object.entries(declarations).filter(
    ([, it]) => typeof it === "object" && it !== null && members.every((member) => member in it),
  );

test("every event that is declared is listed, once", () => {
  const exported = exportedWith("type", "entity", "body");
  const listed = new Set<unknown>(declaredEvents.keys());
  expect(exported.filter(([, it]) => !listed.has(it)).map(([name]) => name)).toEqual([]);
  expect(exported.length).toBe(listed.size);
  const types = [...declaredEvents.keys()].map(({ type }) => type);
  expect(new Set(types).size).toBe(types.length);
  for (const { type, entity } of declaredEvents.keys()) expect(type.split(".")[0]).toBe(entity);
});

test("every question that is declared is listed, once", () => {
  const exported = exportedWith("service", "name", "question", "answer");
  const listed = new Set<unknown>(declaredQuestions);
  expect(exported.filter(([, it]) => !listed.has(it)).map(([name]) => name)).toEqual([]);
  expect(exported.length).toBe(declaredQuestions.length);
});

test("names of messages are their own", () => {
  const names = Object.values(declaredChannels).flatMap(({ messages }) => messages.map(({ name }) => name));
  expect(names.filter((name, index) => names.indexOf(name) < index)).toEqual([]);
});

/** Whether a subject is one of an address whose braces are filled in. */
const fits = (address: string, subject: string): boolean =>
  new RegExp(`^${address.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^.]+")}$`).test(subject);

/** The members of what is exported under names of a form. */
const exportedAs = (form: RegExp): [string, unknown][] =>
  Object.entries(declarations).filter(([name]) => form.test(name));

const addresses: readonly [string, string][] = [
  ["observations", observationSubject("north", "dock-1")],
  ["taken", takenSubject("north", "dock-1")],
  ["heads", headSubject("north")],
  ["commands", commandSubject("north")],
  ["reader.do", readerDoSubject("north", "dock-1")],
  ["found", findSubject("north")],
  ["reader.posts", readerPostSubject("north", "dock-1")],
  ["parked", parkedSubject({ service: "operations", reason: "unreadable" })],
  ...[...declaredEvents.keys()].map(({ type }): [string, string] => ["events", eventSubject("north", type)]),
  ...liveViews.map((view): [string, string] => [`live.${view}`, liveSubject("north", view)]),
  ...declaredQuestions.map((question): [string, string] => [askSubject(question), askSubject(question)]),
];

test.each(addresses)("the address of %s is where %s is said", (channel, subject) => {
  expect(fits(declaredChannels[channel]?.address ?? "", subject)).toBe(true);
});

test("every subject that is declared has its place among the channels", () => {
  const placed = new Set([
    ...["askSubject", "commandSubject", "eventSubject", "findSubject", "headSubject", "liveSubject"],
    ...["observationSubject", "parkedSubject", "readerDoSubject", "readerPostSubject", "takenSubject"],
    // All events of a site, which is no subject to say anything on.
    "siteEventsSubject",
  ]);
  expect(exportedAs(/^[a-z]\w*Subject$/).filter(([name]) => !placed.has(name))).toEqual([]);
  const described = new Set(addresses.map(([channel]) => channel));
  const onBus = Object.entries(declaredChannels).filter(([, { over }]) => over === "bus");
  expect(onBus.filter(([key]) => !described.has(key)).map(([key]) => key)).toEqual([]);
});

test("every stream and every set of headers is that of a channel", () => {
  const channels = Object.values(declaredChannels);
  const streams = new Set<unknown>(channels.map(({ stream }) => stream));
  expect(exportedWith("subjects", "maxAgeMs").filter(([, it]) => !streams.has(it))).toEqual([]);
  const headers = new Set<unknown>(channels.map((channel) => channel.headers));
  expect(exportedAs(/Headers$/).filter(([, it]) => !headers.has(it))).toEqual([]);
});

/** The shapes of the messages of a channel. */
const bodiesOf = (channel: string): Set<unknown> =>
  new Set(declaredChannels[channel]?.messages.map(({ body }) => body));

test("every command, every frame of the socket and all that is posted to webhooks is a message", () => {
  expect(bodiesOf("commands")).toEqual(new Set(Command.anyOf));
  expect(bodiesOf("live")).toEqual(new Set([...LiveRequest.anyOf, ...Object.values(liveFrames)]));
  const posted = exportedAs(/^Webhook\w*(Message|Proof)$/).map(([, it]) => it);
  expect(posted.length).toBeGreaterThan(2);
  expect(bodiesOf("webhooks")).toEqual(new Set(posted));
});

test("what streams keep is what their channels say", () => {
  for (const { address, stream } of Object.values(declaredChannels)) {
    if (stream === undefined) continue;
    const first = address?.split(".")[0];
    expect(stream.subjects.every((subject) => subject.startsWith(`${first}.`))).toBe(true);
  }
});
