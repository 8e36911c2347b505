import { ensureStream } from "@tagwire/bus";
import { ReaderPosts, readerPostSubject } from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import { expect, test } from "vitest";
import { openPosts } from "./reader-posts.ts";
import { testGround } from "./test-floor.ts";

const messages = 60;

test("what has gathered while nobody read is brought message by message, with turns for others in between", async () => {
  await using ground = await testGround();
  const { bus } = ground;
  await ensureStream(bus, ReaderPosts);
  const subject = `${readerPostSubject("north", "dock").replace(/\.>$/, "")}.data`;
  for (let number = 0; number < messages; number += 1)
    await bus.jetStream.publish(subject, JSON.stringify([{ number }]));
  let turn = 0;
  let isOver = false;
  const pass = () => {
    turn += 1;
    if (!isOver) setImmediate(pass);
  };
  pass();
  const brought: { readonly turn: number; readonly event: unknown }[] = [];
  const posts = openPosts({
    ...{ bus, site: "north", id: "dock" },
    bring: async ([event]) => {
      brought.push({ turn, event });
      return { taken: 1, malformed: 0, repeated: 0 };
    },
    kept: async () => {},
    isWanted: () => true,
  });
  await eventually("all are brought", () => brought.length >= messages);
  isOver = true;
  await posts.stop();
  expect(brought.map(({ event }) => event)).toEqual(
    Array.from({ length: messages }, (_, number) => ({ number })),
  );
  expect(new Set(brought.map((one) => one.turn)).size).toBe(messages);
});
