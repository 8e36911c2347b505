import { Fault } from "@tagwire/messages";
import Type from "typebox";
import { expect, test } from "vitest";
import { readSettings, serviceSettings } from "./settings.ts";

const good = { DATABASE_URL: "postgres://u:secret@127.0.0.1/x", NATS_URL: "nats://127.0.0.1:4222" };

test("text becomes numbers, and what is absent or empty takes its default", () => {
  const schema = Type.Object({ ...serviceSettings, LIMIT: Type.Integer({ default: 7 }) });
  expect(readSettings(schema, { ...good, SERVICE_PORT: "8080", LIMIT: "" })).toEqual({
    ...good,
    SERVICE_PORT: 8080,
    LIMIT: 7,
    STREAM_REPLICAS: 1,
  });
});

test.each([
  { what: "a missing one", env: { NATS_URL: good.NATS_URL }, named: "DATABASE_URL" },
  {
    what: "one of another kind",
    env: { ...good, DATABASE_URL: "mysql://u:secret@127.0.0.1" },
    named: "DATABASE_URL",
  },
  { what: "a port that is none", env: { ...good, SERVICE_PORT: "70000" }, named: "SERVICE_PORT" },
  { what: "a number that is a word", env: { ...good, SERVICE_PORT: "secret" }, named: "SERVICE_PORT" },
])("$what is named and never quoted", ({ env, named }) => {
  const fault = (() => {
    try {
      return readSettings(Type.Object(serviceSettings), env);
    } catch (error) {
      return error;
    }
  })();
  expect(fault).toBeInstanceOf(Fault);
  expect((fault as Fault).code).toBe("config.invalid");
  expect((fault as Fault).message).toContain(named);
  expect((fault as Fault).message).not.toContain("secret");
});
