import { jetstreamManager } from "@nats-io/jetstream";
import { ask, type Bus } from "@tagwire/bus";
import { AskReplay, newId } from "@tagwire/messages";
import { eventually, type Stack, type StackService, stackServices } from "@tagwire/testing";
import postgres from "postgres";
import { openDesk } from "./test-day.ts";

/** The house with somebody who audits it, and the same with who reads the old system. */
export const auditedHouse = [...stackServices, "health-check"] as const satisfies StackService[];
export const wholeHouse = [...auditedHouse, "rfidpro-backup"] as const satisfies StackService[];

const importRows = 240;
const rowsPerCommand = 80;
const siteOfImports = "south";
const siteOfReplays = "north";

/** Ends every session of the stack with Postgres, and takes new ones again only once `meanwhile` is over. */
const withoutPostgres = async (stack: Stack, meanwhile: () => Promise<unknown>): Promise<void> => {
  const database = new URL(stack.databaseUrl).pathname.slice(1);
  const elsewhere = new URL(stack.databaseUrl);
  elsewhere.pathname = "/postgres";
  const admin = postgres(elsewhere.href, { max: 1, onnotice: () => {} });
  const allow = (open: boolean) => admin.unsafe(`alter database ${database} with allow_connections ${open}`);
  try {
    await allow(false);
    await admin`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${database}`;
    await meanwhile();
  } finally {
    await allow(true);
    await admin.end();
  }
};

/** A file of hundreds of things, as the office hands one in. */
const importMany = async (bus: Bus): Promise<void> => {
  const { hand } = openDesk(bus, "office", siteOfImports);
  for (let from = 0; from < importRows; from += rowsPerCommand) {
    const rows = Array.from({ length: rowsPerCommand }, (_, at) => ({
      ...{ id: newId(), tag: `IMPORTED-${from + at}`, class: "napkin", place: "hall" },
    }));
    await hand("items.import", { dryRun: false, rows });
  }
};

/**
 * What may happen to a house while it is audited: each service dies, nats-server dies, the stream is lost, everything dies at once while Postgres is
 * away, the manager's rows are made anew, and hundreds of things are imported.
 */
export const troublesOf = async (stack: Stack, bus: Bus): Promise<readonly (() => Promise<unknown>)[]> => {
  const { streams } = await jetstreamManager(bus.connection);
  const kill = (name: StackService) => stack.service(name).kill("SIGKILL");
  const restart = async (name: StackService) => {
    await kill(name);
    await stack.start(name);
  };
  return [
    () => restart("operations"),
    () => Promise.all([restart("reader-gateway"), restart("rfidpro-backup"), importMany(bus)]),
    () => restart("manager"),
    () => streams.delete("EVENTS"),
    stack.restartNats,
    () => Promise.all([restart("health-check"), restart("api-gateway")]),
    () =>
      eventually("it is made anew", () =>
        ask(bus, AskReplay, { site: siteOfReplays }).catch(() => undefined),
      ),
    async () => {
      await withoutPostgres(stack, () => Promise.all(wholeHouse.map(kill)));
      // The edge is there once those are whom it asks.
      await Promise.all(wholeHouse.filter((name) => name !== "api-gateway").map(stack.start));
      await stack.start("api-gateway");
    },
  ];
};
