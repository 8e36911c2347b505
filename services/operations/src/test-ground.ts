import { openBus } from "@tagwire/bus";
import { openStore } from "@tagwire/store";
import { quietLog, testDatabase, testNats } from "@tagwire/testing";
import { startService } from "./test-service.ts";

/** NATS, Postgres and a bus of the test's own; processes of operations come and go. */
export const testGround = async () => {
  const log = quietLog();
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await testDatabase());
  const nats = stack.use(await testNats());
  const bus = await openBus({ url: nats.url, name: "test", log });
  stack.defer(bus.close);
  const store = await openStore({ url: database.url, schema: "operations", name: "test", log });
  stack.defer(store.close);
  const opened = stack.move();
  const start = (leaseTtlMs?: number) =>
    startService({
      databaseUrl: database.url,
      natsUrl: nats.url,
      ...(leaseTtlMs === undefined ? {} : { leaseTtlMs }),
    });
  return { bus, sql: store.sql, start, opened, [Symbol.asyncDispose]: () => opened.disposeAsync() };
};
export type TestGround = Awaited<ReturnType<typeof testGround>>;
