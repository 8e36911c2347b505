import { expect, test } from "vitest";
import { UsageError } from "./options.ts";
import { readReplayOptions } from "./replay-options.ts";

const at = { cwd: "/home/kim", root: "/opt/tagwire" };
const read = (args: readonly string[], env: NodeJS.ProcessEnv = {}) => readReplayOptions(args, env, at);
const named = ["tapes", "--site", "practice", "--reader", "dock"];

test("paths are meant from where the person is, and the speed is as it was unless said", () => {
  expect(read(named)).toMatchObject({
    path: "/home/kim/tapes",
    speed: 1,
    loop: false,
    intoOwnSite: false,
    dataDir: "/opt/tagwire/.tagwire",
  });
  expect(read([...named, "--speed", "max", "--loop", "--data", "d"], { TAGWIRE_HOME: "/e" })).toMatchObject({
    speed: Number.POSITIVE_INFINITY,
    loop: true,
    dataDir: "/home/kim/d",
  });
  expect(read([...named, "--speed", "0.1"], { TAGWIRE_HOME: "/e" })).toMatchObject({
    speed: 0.1,
    dataDir: "/e",
  });
});

test.each([
  { what: "no folder", args: named.slice(1), says: "one folder" },
  { what: "two folders", args: ["a", ...named], says: "one folder" },
  { what: "no site", args: ["a", "--reader", "dock"], says: "--site" },
  { what: "a speed of nothing", args: [...named, "--speed", "0"], says: "--speed" },
  { what: "a speed beyond all", args: [...named, "--speed", "1001"], says: "--speed" },
  { what: "a speed in words", args: [...named, "--speed", "fast"], says: "--speed" },
  { what: "a flag that there is not", args: [...named, "--rewind"], says: "rewind" },
  { what: "a URL that is none", args: [...named, "--url", "there"], says: "--url" },
])("$what is told with the usage", ({ args, says }) => {
  expect(() => read(args)).toThrow(UsageError);
  expect(() => read(args)).toThrow(says);
});
