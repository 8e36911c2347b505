import { expect, test } from "vitest";
import { plainEnvironment } from "./plain-environment.ts";

test("what a test starts is told nothing of the servers, data and keys of whoever runs it", () => {
  const theirs = {
    DATABASE_URL: "postgres://db/production",
    NATS_URL: "nats://bus:4222",
    TAGWIRE_HOME: "/srv/tagwire",
    TAGWIRE_ADMIN_KEY: "k",
    RFIDPRO_PASSWORD: "p",
    INIT_CWD: "/home/ana",
  };
  const neutral = { PATH: "/usr/bin", HOME: "/home/ana", NATS_SERVER_BIN: "/usr/sbin/nats-server" };
  expect(plainEnvironment({ ...theirs, ...neutral })).toEqual(neutral);
});
