import type { Warehouse, WarehouseContract } from "@tagwire/emulators";
import type { DemoCall } from "./demo-client.ts";
import { note } from "./demo-log.ts";
import { demoSite } from "./demo-stock.ts";

/** What the office of the demo site does: it states contracts, closes them, and describes what can be rented. */
export type DemoOffice = {
  readonly describeClasses: () => Promise<void>;
  readonly openContract: (contract: WarehouseContract) => Promise<void>;
  readonly closeContract: (number: string) => Promise<void>;
};

const site = `/sites/${demoSite.id}`;
const callsAtOnce = 8;

export const openDemoOffice = (call: DemoCall, { classes }: Pick<Warehouse, "classes">): DemoOffice => {
  const names = new Map(classes.map(({ id, name }) => [id, name]));

  /** Quantities by the names under which the site knows the classes; two classes may share one. */
  const linesOf = ({ lines }: WarehouseContract) =>
    lines.map(({ class: id, quantity }) => ({ class: names.get(id) ?? id, quantity }));

  return {
    describeClasses: async () => {
      const queue = [...classes];
      const work = async () => {
        for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
          const { name, category, crew } = one;
          await call("PUT", `${site}/classes/${encodeURIComponent(name)}`, { name, category, crew });
        }
      };
      await Promise.all(Array.from({ length: callsAtOnce }, work));
    },

    openContract: async (contract) => {
      const { number, kind, client, outAtMs, dueAtMs } = contract;
      const { status, body } = await call("POST", `${site}/contracts`, {
        number,
        kind,
        client,
        outAt: new Date(outAtMs).toISOString(),
        dueAt: new Date(dueAtMs).toISOString(),
        lines: linesOf(contract),
      });
      // A start before this one may have stated it, with the dates that it made up then.
      if (status !== 200 && status !== 201 && status !== 409)
        note(`contract ${number} refused: ${status} ${JSON.stringify(body)}`);
    },

    closeContract: async (number) => {
      const { status, body } = await call("POST", `${site}/contracts/${encodeURIComponent(number)}:close`);
      if (status !== 200) note(`contract ${number} not closed: ${status} ${JSON.stringify(body)}`);
    },
  };
};
