import type { LiveFrame } from "@tagwire/messages";
import { expect, test } from "vitest";
import type { FoundFrame } from "./protocol.ts";
import { scriptedGateway } from "./scripted-gateway.ts";

const found = (id: string, rssiDbm: number): LiveFrame => ({
  ...{ op: "found", id, at: "2026-03-01T10:00:00Z", reading: 1 },
  reads: [{ tag: "A1", reader: "sled", antenna: 1, rssiDbm, count: 1, heardAt: "2026-03-01T10:00:00Z" }],
});

const looking = () => {
  const gateway = scriptedGateway();
  const heard: (number | string | null)[] = [];
  gateway.open();
  const stop = gateway.live.find(
    { site: "north", tags: ["A1"] },
    {
      found: ({ reads }: FoundFrame) => heard.push(...reads.map(({ rssiDbm }) => rssiDbm)),
      lost: () => heard.push("lost"),
      refused: (message) => heard.push(message),
    },
  );
  return { ...gateway, heard, stop, id: () => String(gateway.said("find").at(-1)?.id) };
};

test("who looks for a tag hears it, and nothing more once they have stopped", () => {
  const { said, say, heard, stop, id } = looking();
  expect(said("find")).toEqual([{ op: "find", id: expect.any(String), site: "north", tags: ["A1"] }]);
  say(found(id(), -60), found("another", -1));
  stop();
  expect(said("unsub")).toEqual([{ op: "unsub", id: id() }]);
  say(found(id(), -30));
  expect(heard).toEqual([-60]);
});

test("a lost connection is said, and the next one is told again what is looked for", () => {
  const { said, say, open, cut, pass, heard, id } = looking();
  cut();
  expect(heard).toEqual(["lost"]);
  pass(2_000);
  open();
  expect(said("find")).toHaveLength(1);
  say(found(id(), -40));
  expect(heard).toEqual(["lost", -40]);
});

test("why nothing is looked for is told to whoever looks, and to no view", () => {
  const { say, heard, id } = looking();
  say({ op: "error", id: id(), code: "overloaded", message: "too many tags" });
  expect(heard).toEqual(["too many tags"]);
});
