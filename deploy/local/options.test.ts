import { expect, test } from "vitest";
import { readOptions, UsageError } from "./options.ts";
import { isHelpWanted } from "./usage.mjs";

const whereabouts = { cwd: "/home/ana", root: "/opt/tagwire" };
const read = (args: string[], env: NodeJS.ProcessEnv = {}) => readOptions(args, env, whereabouts);

test("without options the demo runs on port 8080 with data beside the project", () => {
  expect(read([])).toEqual({
    demo: true,
    dataDir: "/opt/tagwire/.tagwire",
    fresh: false,
    port: 8080,
    replicas: 1,
    adminKey: undefined,
    databaseUrl: undefined,
    natsUrl: undefined,
    mqtt: { host: "127.0.0.1", port: 0 },
  });
});

test("readers reach MQTT from the network only where somebody says so", () => {
  const env = { TAGWIRE_MQTT_HOST: "0.0.0.0", TAGWIRE_MQTT_PORT: "1883" };
  expect(read([], env).mqtt).toEqual({ host: "0.0.0.0", port: 1883 });
  expect(read(["--mqtt-port", "1884"], env).mqtt.port).toBe(1884);
  for (const wrong of [{ TAGWIRE_MQTT_PORT: "70000" }, { TAGWIRE_MQTT_HOST: 'a"\nport: 1' }])
    expect(() => read([], wrong)).toThrow(UsageError);
});

test("several of each service run only where somebody says how many", () => {
  expect(read(["--replicas", "3"]).replicas).toBe(3);
  for (const wrong of ["0", "6", "-1", "2.5", "many", ""])
    expect(() => read([`--replicas=${wrong}`]), wrong).toThrow(UsageError);
});

test.each([
  [["--data", "store"], "/home/ana/store"],
  [["--data=/var/tagwire"], "/var/tagwire"],
])("%j keeps data in %s", (args, dataDir) => {
  expect(read(args, { TAGWIRE_HOME: "/elsewhere" }).dataDir).toBe(dataDir);
});

test("a relative TAGWIRE_HOME is taken from where the person is", () => {
  expect(read([], { TAGWIRE_HOME: "data" }).dataDir).toBe("/home/ana/data");
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

test.each(["postgres://me:a,b%40c@db/x", "postgresql://db:5433/x?sslmode=require"])(
  "%s names a database",
  (url) => {
    expect(read([], { DATABASE_URL: url }).databaseUrl).toBe(url);
  },
);

test.each(["postgres:///x?host=/run/postgresql", "postgres://%2Frun%2Fpostgresql/x", "postgres:x"])(
  "%s names no host, and another server must not be taken for it",
  (url) => {
    expect(() => read([], { DATABASE_URL: url })).toThrow(/DATABASE_URL must name a host/);
  },
);

test.each([
  [{ DATABASE_URL: "postgres://db/x" }, /^--fresh.* DATABASE_URL names/],
  [{ NATS_URL: "nats://bus:4222" }, /^--fresh.* NATS_URL names/],
  [{ DATABASE_URL: "postgres://db/x", NATS_URL: "nats://bus:4222" }, /DATABASE_URL and NATS_URL/],
])("fresh promises nothing about servers that are not ours: %j", (env, reason) => {
  expect(() => read(["--fresh"], env)).toThrow(reason);
  expect(read([], env)).toMatchObject({ fresh: false });
});

test("help is asked for in two ways", () => {
  expect([["--help"], ["--port", "0", "-h"], []].map(isHelpWanted)).toEqual([true, true, false]);
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
