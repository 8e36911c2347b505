import { createServer } from "node:net";
import { AskItem, Events, Fault, type StreamDeclaration } from "@tagwire/messages";
import { eventually, quietLog, testNats } from "@tagwire/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { answer, answerOn, ask, request } from "./ask.ts";
import { type Bus, openBus } from "./bus.ts";
import { follow, type Heard } from "./follow.ts";
import { hear, say } from "./hear.ts";
import { park } from "./park.ts";
import { batchFrom, type Outgoing, publishInOrder } from "./publish.ts";
import { ensureStream, isStreamMissing } from "./stream.ts";

const stack = new AsyncDisposableStack();
const log = quietLog();
let url: string;
let bus: Bus;
let other: Bus;
beforeAll(async () => {
  ({ url } = stack.use(await testNats()));
  bus = await openBus({ url, name: "asker", log });
  stack.defer(bus.close);
  other = await openBus({ url, name: "answerer", log });
  stack.defer(other.close);
});
afterAll(() => stack.disposeAsync());

let subject: string;
let count = 0;
beforeEach(() => {
  count += 1;
  subject = `test.subject-${count}`;
});

/** Subscriptions of another connection are in force once its server has answered a ping. */
const inForce = () => other.connection.flush();

describe("asking", () => {
  test("gives the answer", async () => {
    const answering = answerOn(other, { subject }, async (body) => ({ got: body }));
    await inForce();
    expect(await request(bus, subject, { a: "ü" })).toEqual({ got: { a: "ü" } });
    await answering.stop();
    await expect(request(bus, subject, {})).rejects.toMatchObject({ code: "unavailable" });
  });

  test("where nobody listens is answered at once", async () => {
    const asked = request(bus, subject, {}, { timeoutMs: 60_000 });
    await expect(asked).rejects.toMatchObject({ code: "unavailable", retryable: true });
  });

  test("somebody who does not answer ends with an unknown outcome", async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const answering = answerOn(other, { subject }, () => gate);
    await inForce();
    await expect(request(bus, subject, {}, { timeoutMs: 100 })).rejects.toMatchObject({
      code: "outcome_unknown",
    });
    open();
    await answering.stop();
  });

  test("is answered also when who answers stops meanwhile, and only then has it stopped", async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    let heard = false;
    let stopped = false;
    const answering = answerOn(other, { subject }, async () => {
      heard = true;
      await gate;
      return "late";
    });
    await inForce();
    const asked = request(bus, subject, {}, { timeoutMs: 30_000 });
    await eventually("heard", () => heard);
    const stopping = answering.stop().then(() => {
      stopped = true;
    });
    // Ending a subscription is one round trip to the server; behind the second one of ours it has been made.
    await inForce();
    await inForce();
    expect(stopped).toBe(false);
    open();
    await stopping;
    expect(await asked).toBe("late");
  });

  test("passes a fault on as it was said, and hides every other error", async () => {
    const answering = answerOn(other, { subject }, async (body) => {
      if (body === "fault") throw new Fault("version_stale", "the item is at version 3");
      throw new Error("password=hunter2");
    });
    await inForce();
    const fault = await request(bus, subject, "fault").catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(Fault);
    expect(fault).toMatchObject({ code: "version_stale", detail: "the item is at version 3" });
    const hidden = await request(bus, subject, "error").catch((error: unknown) => error);
    expect(hidden).toMatchObject({ code: "internal", message: "internal" });
    await answering.stop();
  });

  test("a fault that this version does not know is an internal one", async () => {
    const subscription = other.connection.subscribe(subject, {
      callback: (_, message) =>
        void message.respond(JSON.stringify({ fault: { code: "constructor", detail: "x" } })),
    });
    await inForce();
    await expect(request(bus, subject, {})).rejects.toMatchObject({ code: "internal" });
    subscription.unsubscribe();
  });

  test("too much at once is refused on this side, and an answer too large on the other", async () => {
    const large = "x".repeat(1_048_576);
    const answering = answerOn(other, { subject }, async () => large);
    await inForce();
    await expect(request(bus, subject, large)).rejects.toMatchObject({ code: "too_large" });
    await expect(request(bus, subject, "short")).rejects.toMatchObject({ code: "too_large" });
    await answering.stop();
  });

  test("a question of another shape never reaches who answers it", async () => {
    const heard: unknown[] = [];
    const answering = answer(other, AskItem, async (body) => {
      heard.push(body);
      return { item: null };
    });
    await inForce();
    expect(await ask(bus, AskItem, { site: "north", tag: "A1" })).toEqual({ item: null });
    await expect(ask(bus, AskItem, { site: "No Site", tag: "A1" })).rejects.toMatchObject({
      code: "malformed",
    });
    await expect(request(bus, "ask.operations.item", [])).rejects.toMatchObject({ code: "malformed" });
    const raw = await bus.connection.request("ask.operations.item", "{", { timeout: 5_000 });
    expect(raw.json()).toEqual({ fault: { code: "malformed", detail: "not JSON" } });
    expect(heard).toEqual([{ site: "north", tag: "A1" }]);
    await answering.stop();
  });

  test("replicas of one queue share the questions", async () => {
    const answering = ["a", "b"].map((name) => answerOn(other, { subject, queue: "q" }, async () => name));
    await inForce();
    const answers = await Promise.all(Array.from({ length: 100 }, () => request<string>(bus, subject, {})));
    expect(new Set(answers)).toEqual(new Set(["a", "b"]));
    await Promise.all(answering.map(({ stop }) => stop()));
  });
});

test("what is said is heard in order, and a listener that throws hears on", async () => {
  const heard: number[] = [];
  const listening = hear(other, subject, (message) => {
    const number = message.json<number>();
    if (number === 2) throw new Error("not this one");
    heard.push(number);
  });
  await inForce();
  for (const number of [1, 2, 3]) say(bus, subject, number);
  bus.connection.publish(subject, "{");
  say(bus, subject, 4);
  await eventually("all heard", () => heard.length === 3);
  expect(heard).toEqual([1, 3, 4]);
  await listening.stop();
});

describe("opening", () => {
  test("a port where nobody listens is a fault that names the advice", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    await new Promise((resolve) => server.close(resolve));
    await expect(openBus({ url: `nats://127.0.0.1:${port}`, name: "x", log })).rejects.toMatchObject({
      code: "bus.unreachable",
    });
  });

  test("a server that is too old is refused by name", async () => {
    const sockets: { destroy: () => void }[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.write(
        `INFO ${JSON.stringify({ server_id: "old", version: "2.12.6", proto: 1, max_payload: 1_048_576, headers: true })}\r\n`,
      );
      socket.on("data", (bytes) => {
        if (bytes.includes("PING")) socket.write("PONG\r\n");
      });
      socket.on("error", () => {});
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    await expect(openBus({ url: `nats://127.0.0.1:${port}`, name: "x", log })).rejects.toMatchObject({
      ...{ code: "bus.too_old", retryable: false, message: "bus.too_old: this one is 2.12.6" },
    });
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  test("closing says so, and can be done twice", async () => {
    const opened = await openBus({ url, name: "short", log });
    expect(opened.isConnected()).toBe(true);
    await opened.close();
    await opened.close();
    expect(opened.isConnected()).toBe(false);
  });
});

test("a server that froze does not answer, although its connection stands, and answers again when it goes on", async () => {
  await using server = await testNats();
  const opened = await openBus({ url: server.url, name: "frozen", log });
  expect(await opened.isAnswering()).toBe(true);
  process.kill(server.pid, "SIGSTOP");
  try {
    // The signal takes a moment to reach every thread. Asked twice at once, as probes do.
    const noticed = await eventually("it does not answer", async () => {
      const answers = await Promise.all([opened.isAnswering(), opened.isAnswering()]);
      return answers.every((isAnswered) => !isAnswered) && { isConnected: opened.isConnected() };
    });
    // Long before the connection's own heartbeat gives it up.
    expect(noticed).toEqual({ isConnected: true });
  } finally {
    process.kill(server.pid, "SIGCONT");
  }
  await eventually("it answers again", opened.isAnswering);
  await opened.close();
  expect(await opened.isAnswering()).toBe(false);
});

describe("a stream", () => {
  const declaration = (over: Partial<StreamDeclaration> = {}): StreamDeclaration => ({
    ...{ name: `TEST_${count}`, subjects: [`stream.${count}.>`], maxAgeMs: 60_000, maxBytes: 2 ** 20 },
    ...{ duplicateWindowMs: 30_000, ...over },
  });
  const outgoing = (from: number, to: number): Outgoing[] =>
    Array.from({ length: to - from + 1 }, (_, index) => ({
      subject: `stream.${count}.a`,
      id: `id-${from + index}`,
      payload: String(from + index),
      headers: { "x-number": String(from + index) },
    }));
  const contents = async (name: string, until: number): Promise<Heard[]> => {
    const source = await follow(bus, { stream: name, subjects: [`stream.${count}.>`], from: "beginning" });
    const found: Heard[] = [];
    for await (const heard of source.messages) {
      found.push(heard);
      if (found.length === until) break;
    }
    await source.stop();
    return found;
  };
  const numbers = async (name: string) => {
    const { state } = await bus.manager.streams.info(name);
    return (await contents(name, state.messages)).map(({ data }) => Number(new TextDecoder().decode(data)));
  };
  const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

  test("is made once, by however many at once, and follows its declaration", async () => {
    const first = declaration();
    await Promise.all([bus, other, bus, other].map((one) => ensureStream(one, first)));
    await ensureStream(bus, first);
    const wider = declaration({ subjects: [`stream.${count}.>`, `more.${count}`], maxAgeMs: 90_000 });
    await ensureStream(bus, wider);
    const { config } = await bus.manager.streams.info(first.name);
    expect(config).toMatchObject({
      subjects: wider.subjects,
      max_age: 90_000 * 1_000_000,
      storage: "file",
      allow_atomic: true,
    });
    await ensureStream(bus, Events);
  });

  test("whose settings the server refuses is a fault with the server's words", async () => {
    const taken = declaration();
    await ensureStream(bus, taken);
    await expect(ensureStream(bus, { ...taken, name: `${taken.name}_B` })).rejects.toThrow(/overlap/);
    await bus.manager.streams.delete(taken.name);
    await bus.manager.streams.add({ name: taken.name, subjects: [...taken.subjects], storage: "memory" });
    await expect(ensureStream(bus, taken)).rejects.toMatchObject({ code: "bus.stream_refused" });
  });

  test("that is not there is told from other trouble", async () => {
    const error = await bus.manager.streams.info("NOWHERE").catch((cause: unknown) => cause);
    expect(isStreamMissing(error)).toBe(true);
    expect(isStreamMissing(new Error("stream not found"))).toBe(false);
    await expect(publishInOrder(bus, outgoing(1, 1))).rejects.toThrow();
    await expect(publishInOrder(bus, outgoing(1, 40))).rejects.toThrow();
  });

  test("holds messages in their order, one by one and in atomic batches", async () => {
    const stream = declaration();
    await ensureStream(bus, stream);
    await publishInOrder(bus, []);
    await publishInOrder(bus, outgoing(1, batchFrom - 1));
    await publishInOrder(bus, outgoing(batchFrom, 1_100));
    expect(await numbers(stream.name)).toEqual(upTo(1_100));
    const info = await bus.jetStream.consumers.get(stream.name);
    const message = await info.next({ expires: 5_000 });
    expect([message?.headers?.get("x-number"), message?.headers?.get("Nats-Msg-Id")]).toEqual(["1", "id-1"]);
  });

  test.each([
    ["singles", 5, 9],
    ["a batch that holds some of the known", 20, 60],
    ["a batch all of which is known", 60, 60],
  ])("drops repeats: %s", async (_, before, until) => {
    const stream = declaration();
    await ensureStream(bus, stream);
    await publishInOrder(bus, outgoing(1, before));
    await publishInOrder(bus, outgoing(1, until));
    expect(await numbers(stream.name)).toEqual(upTo(until));
  });

  test("is followed from a sequence, from now, and in order across pages", async () => {
    const stream = declaration();
    await ensureStream(bus, stream);
    await publishInOrder(bus, outgoing(1, 30));
    const subjects = [`stream.${count}.>`];
    const some = await follow(bus, { stream: stream.name, subjects, from: { sequence: 29 } });
    const late = await follow(bus, { stream: stream.name, subjects, from: "now" });
    const recent = await follow(bus, { stream: stream.name, subjects, from: { sinceMs: 60_000 } });
    await publishInOrder(bus, outgoing(31, 31));
    const take = async (source: typeof some, wanted: number) => {
      const sequences: number[] = [];
      for await (const { sequence } of source.messages) {
        sequences.push(sequence);
        if (sequences.length === wanted) break;
      }
      await source.stop();
      return sequences;
    };
    expect(await take(some, 3)).toEqual([29, 30, 31]);
    expect(await take(late, 1)).toEqual([31]);
    expect((await take(recent, 31)).length).toBe(31);
  });

  test.each([
    ["its beginning", "beginning"],
    ["a sequence", { sequence: 1 }],
    ["a time", { sinceMs: 60_000 }],
    ["now", "now"],
  ] as const)(
    "is followed on from where it was when the server was away, begun at %s",
    async (_, from) => {
      await using own = await testNats();
      const mine = await openBus({ url: own.url, name: "follower", log: quietLog() });
      const stream = declaration();
      await ensureStream(mine, stream);
      const source = await follow(mine, { stream: stream.name, subjects: [`stream.${count}.>`], from });
      const heard: number[] = [];
      const reading = (async () => {
        for await (const { sequence } of source.messages) heard.push(sequence);
      })();
      await publishInOrder(mine, outgoing(1, 3));
      await eventually("the first are read", async () => heard.length === 3);
      await own.restart();
      await eventually("the bus is back", async () => mine.isConnected());
      await publishInOrder(mine, outgoing(4, 6));
      await eventually("what came afterwards is read, and nothing twice", () => heard.length === 6, 60_000);
      expect(heard).toEqual(upTo(6));
      await source.stop();
      await reading;
      await mine.close();
    },
    90_000,
  );

  test("is followed from the first message that is not older than a time", async () => {
    const stream = declaration();
    await ensureStream(bus, stream);
    const subjects = [`stream.${count}.>`];
    const none = await follow(bus, { stream: stream.name, subjects, from: { sinceMs: 60_000 } });
    await publishInOrder(bus, outgoing(1, 2));
    const halfMs = 1_000;
    await new Promise((resolve) => setTimeout(resolve, halfMs));
    const betweenMs = Date.now();
    await new Promise((resolve) => setTimeout(resolve, halfMs));
    await publishInOrder(bus, outgoing(3, 4));
    const late = await follow(bus, {
      stream: stream.name,
      subjects,
      from: { sinceMs: Date.now() - betweenMs },
    });
    const first = async ({ messages, stop }: typeof none) => {
      let sequence: number | undefined;
      for await (const one of messages) {
        sequence = one.sequence;
        break;
      }
      await stop();
      return sequence;
    };
    expect(await first(none)).toBe(1);
    expect(await first(late)).toBe(3);
  });

  /** Reads until the stream that was there is lost, and gives what came and why it ended. */
  const readOn = async (name: string, from: "beginning" | { sequence: number }) => {
    const source = await follow(bus, { stream: name, subjects: [`stream.${count}.>`], from });
    const sequences: number[] = [];
    const ended = (async () => {
      for await (const { sequence } of source.messages) sequences.push(sequence);
    })().then(
      () => "stopped",
      (error: unknown) => error,
    );
    return { sequences, ended, stop: source.stop };
  };

  test("that is deleted tells its reader so, whether or not it was made anew, and also one that had yet to hear anything", async () => {
    const stream = declaration();
    await ensureStream(bus, stream);
    await publishInOrder(bus, outgoing(1, 5));
    const reading = await readOn(stream.name, "beginning");
    const waiting = await readOn(stream.name, { sequence: 6 });
    await eventually("all heard", () => reading.sequences.length === 5);
    await bus.manager.streams.delete(stream.name);
    expect(await reading.ended).toMatchObject({ code: "bus.stream_lost" });
    expect(await waiting.ended).toMatchObject({ code: "bus.stream_lost" });

    await ensureStream(bus, stream);
    await publishInOrder(bus, outgoing(1, 5));
    const again = await readOn(stream.name, "beginning");
    await eventually("all heard again", () => again.sequences.length === 5);
    await bus.manager.streams.delete(stream.name);
    await ensureStream(bus, stream);
    expect(await again.ended).toMatchObject({ code: "bus.stream_lost" });
  });

  test("that grows while it is looked at has not gone back", async () => {
    const stream = declaration();
    await ensureStream(bus, stream);
    await publishInOrder(bus, outgoing(1, 5));
    const { streams } = bus.manager;
    const realInfo = streams.info.bind(streams);
    let looks = 0;
    // Each answer is on its way while the reader hears something newer.
    streams.info = async (name: string) => {
      const info = await realInfo(name);
      if (name !== stream.name || looks >= 2 || info.state.last_seq < 5 || reading === undefined) return info;
      looks += 1;
      await publishInOrder(other, outgoing(5 + looks, 5 + looks));
      const next = info.state.last_seq + 1;
      await eventually("the newer one is heard", () => reading?.sequences.includes(next) === true);
      return info;
    };
    let reading: Awaited<ReturnType<typeof readOn>> | undefined;
    try {
      reading = await readOn(stream.name, "beginning");
      await eventually("it was looked at twice", () => looks === 2);
      await publishInOrder(other, outgoing(8, 8));
      await eventually("all are heard", () => reading?.sequences.length === 8);
      await reading.stop();
      expect(await reading.ended).toBe("stopped");
    } finally {
      streams.info = realInfo;
    }
  });

  test("whose reader stops it ends without a fault", async () => {
    const stream = declaration();
    await ensureStream(bus, stream);
    const reading = await readOn(stream.name, "beginning");
    await reading.stop();
    expect(await reading.ended).toBe("stopped");
  });

  test("keeps what nobody could read, once, with its bytes and the reason, in a stream made for it", async () => {
    const data = new Uint8Array(300 * 1_024).fill(0xff);
    const parked = {
      service: "test",
      reason: "unreadable",
      subject: "a.b",
      data,
      error: new Error("not JSON"),
    };
    await park(bus, parked);
    await park(bus, parked);
    await park(bus, { ...parked, subject: "a.c" });
    const source = await follow(bus, { stream: "PARKED", subjects: ["parked.test.>"], from: "beginning" });
    const bodies: { subject: string; bytes: number; base64: string; error: string }[] = [];
    for await (const heard of source.messages) {
      bodies.push(JSON.parse(new TextDecoder().decode(heard.data)));
      if (heard.pending === 0) break;
    }
    await source.stop();
    expect(bodies.map((body) => body.subject)).toEqual(["a.b", "a.c"]);
    expect(bodies[0]).toMatchObject({ bytes: data.length, error: "Error: not JSON" });
    expect(Buffer.from(bodies[0]?.base64 ?? "", "base64").length).toBe(256 * 1_024);
  });
});
