import { ask, openBus } from "@tagwire/bus";
import { AskCreateReader, AskReaders, Fault } from "@tagwire/messages";
import { openStore } from "@tagwire/store";
import { eventually, quietLog } from "@tagwire/testing";
import { expect, test } from "vitest";
import type { Driver } from "./drivers/driver.ts";
import type { Drivers } from "./floor/reader-life.ts";
import { everyDriver, tagRead } from "./floor/scripted-driver.ts";
import { type Ground, listen, testGround } from "./floor/test-floor.ts";
import { type Gateway, openGateway } from "./gateway.ts";
import { schema } from "./store/migrations.ts";

/** Readers as metal has them: one client each, the second is refused. */
const oneClientReaders = () => {
  const serving = new Map<string, string>();
  const refused: string[] = [];
  const driversOf = (owner: string): Drivers => {
    const drive: Driver = ({ address }, host, signal) =>
      new Promise((resolve, reject) => {
        if (serving.has(address)) {
          refused.push(address);
          return reject(new Fault("reader.refused", address));
        }
        serving.set(address, owner);
        host.phase("inventory");
        host.frame([tagRead("AA01")]);
        signal.addEventListener(
          "abort",
          () => {
            serving.delete(address);
            resolve();
          },
          { once: true },
        );
      });
    return everyDriver(drive);
  };
  return { serving, refused, driversOf };
};

const replica = async (ground: Ground, owner: string, drivers: Drivers): Promise<Gateway> => {
  const log = quietLog();
  const store = await openStore<unknown>({ url: ground.database.url, schema, name: owner, log });
  const bus = await openBus({ url: ground.nats.url, name: owner, log });
  const gateway = await openGateway({ bus, sql: store.sql, log, drivers, owner, leaseTtlMs: 6_000 });
  return {
    ...gateway,
    stop: async () => {
      await gateway.stop();
      await bus.close();
      await store.close();
    },
  };
};

const sites = ["north", "south", "east", "west", "depot", "yard"];

test("two replicas share the sites, none is read twice, and the one that stays takes over all of them", async () => {
  await using ground = await testGround();
  const { serving, refused, driversOf } = oneClientReaders();
  const listener = await listen(ground.bus, () => "accepted");
  const first = await replica(ground, "first", driversOf("first"));
  await eventually("loaded", () => first.floor.isLoaded() && first.leases.owned().length === 16);
  for (const site of sites)
    await ask(ground.bus, AskCreateReader, {
      site,
      reader: { id: "dock", driver: "llrp", address: site, antennas: [] },
    });
  expect([...serving.values()]).toEqual(sites.map(() => "first"));
  const epochBefore = (await ask(ground.bus, AskReaders, { site: "north" })).epoch;

  const second = await replica(ground, "second", driversOf("second"));
  await eventually("shared", () => new Set(serving.values()).size === 2 && serving.size === sites.length);
  for (const site of sites) {
    const { readers } = await eventually(`${site} answered`, () => ask(ground.bus, AskReaders, { site }));
    expect(readers).toMatchObject([{ id: "dock", status: "inventory" }]);
  }

  await first.stop();
  await eventually(
    "taken over",
    () => [...serving.values()].filter((owner) => owner === "second").length === 6,
  );
  expect(refused).toEqual([]);
  const north = await eventually("answered", () => ask(ground.bus, AskReaders, { site: "north" }));
  expect(north.epoch).toBeGreaterThan(epochBefore);
  // A reader that was just taken over may still be saving what it heard, so both are asked until both hold.
  await eventually("every ledger adds up with nothing open", async () => {
    const [row] = await ground.store.sql<{ open: number; wrong: number }[]>`
      select (select count(*)::int from observation) as open,
        (select count(*)::int from reader where reads <> filtered + observed
          or observations <> accepted + already_applied + rejected + quarantined) as wrong`;
    return row?.open === 0 && row.wrong === 0;
  });
  await second.stop();
  expect(serving.size).toBe(0);
  await listener.stop();
});
