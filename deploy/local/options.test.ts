import { expect, test } from "vitest";
import { readOptions, UsageError } from "./options.ts";

const read = (args: string[], env: NodeJS.ProcessEnv = {}) => readOptions(args, env, "/home/site");

test("without options the demo runs on port 8080 with data beside the project", () => {
  expect(read([])).toEqual({
    demo: true,
    dataDir: "/home/site/.tagwire",
    fresh: false,
    port: 8080,
    adminKey: undefined,
    databaseUrl: undefined,
    natsUrl: undefined,
  });
});

test.each([
  [["--data", "store"], "/home/site/store"],
  [["--data=/var/tagwire"], "/var/tagwire"],
])("%j keeps data in %s", (args, dataDir) => {
  expect(read(args, { TAGWIRE_HOME: "/elsewhere" }).dataDir).toBe(dataDir);
});

test("variables do what their flags do, and flags win", () => {
  const env = { TAGWIRE_HOME: "/srv/tagwire", TAGWIRE_PORT: "9000" };
  expect(read([], env)).toMatchObject({ dataDir: "/srv/tagwire", port: 9000 });
  expect(read(["--port", "0", "--no-demo", "--fresh"], env)).toMatchObject({
    port: 0,
    demo: false,
    fresh: true,
  });
});

test("an empty variable is an unset one", () => {
  expect(read([], { TAGWIRE_PORT: "", TAGWIRE_HOME: " ", TAGWIRE_ADMIN_KEY: "", NATS_URL: "" })).toEqual(
    read([]),
  );
});

test.each([
  [["--wat"], {}, /--wat/],
  [["demo"], {}, /demo/],
  [["--data"], {}, /--data/],
  [["--data", ""], {}, /needs a folder/],
  [["--port", "http"], {}, /--port must be a number from 0 to 65535/],
  [["--port", "65536"], {}, /--port/],
  [["--port", "-1"], {}, /port/],
  [[], { TAGWIRE_PORT: "80a" }, /TAGWIRE_PORT must be/],
  [[], { DATABASE_URL: "mysql://127.0.0.1/x" }, /DATABASE_URL must be a URL/],
  [[], { NATS_URL: "nats://127.0.0.1:4222,nonsense" }, /NATS_URL must be a URL/],
])("%j with %j is refused clearly", (args, env, reason) => {
  expect(() => read(args, env)).toThrow(UsageError);
  expect(() => read(args, env)).toThrow(reason);
});

test("a cluster of NATS servers may be named", () => {
  expect(read([], { NATS_URL: "nats://one:4222, tls://two:4222" }).natsUrl).toBe(
    "nats://one:4222, tls://two:4222",
  );
});

test("a short admin key is refused without being shown", () => {
  const key = "x".repeat(31);
  expect(() => read([], { TAGWIRE_ADMIN_KEY: key })).toThrow(/has 31 characters; it needs 32/);
  expect(() => read([], { TAGWIRE_ADMIN_KEY: key })).not.toThrow(new RegExp(key));
  expect(read([], { TAGWIRE_ADMIN_KEY: `${key}x` }).adminKey).toBe(`${key}x`);
});

test("a wrong URL is not quoted, since it may hold a password", () => {
  expect(() => read([], { DATABASE_URL: "htp://me:secret@db/x" })).toThrow(/^(?!.*secret)/s);
});
