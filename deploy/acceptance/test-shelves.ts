import type { Bus } from "@tagwire/bus";
import { newId } from "@tagwire/messages";
import { openDesk } from "./test-day.ts";
import { busy } from "./test-load.ts";

export const named = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);
const chairs = named("CHAIR-", 40);
const contracts = named("300", 8);
/** Nothing is on them, and nothing is of them: that they are gone has nobody else to tell it. */
const emptyContracts = named("500", 3);
const namedClasses = named("class-", 3);
const sessions = 5;
/** What whoever scans meanwhile scans. */
export const busyItems = named(`${busy}ITEM-`, 12);

/** Its device scans nothing more, so that what its ledger says stays. */
export const quietDevice = "tablet-quiet";

/** So much more than on a day that many faults find each a thing of their own. */
export const fillShelves = async (bus: Bus): Promise<void> => {
  const { hand, scan } = openDesk(bus);
  await hand("class.define", { class: "chair", define: { name: "Chair, white" } });
  for (const tag of chairs) await hand("item.create", { tag, class: "chair" });
  for (const tag of busyItems) await hand("item.create", { tag, class: "tent" });
  for (const [index, number] of contracts.entries()) {
    await hand("contract.open", { number, client: "Party", lines: [{ class: "chair", quantity: 3 }] });
    const own = chairs.slice(index * 4, index * 4 + 4);
    await scan("rental", own, { contract: number });
    await scan("return", own.slice(2));
  }
  await openDesk(bus, quietDevice).scan("touch", chairs.slice(0, 3));
  for (const number of emptyContracts) await hand("contract.open", { number, client: "Party" });
  for (const name of namedClasses) await hand("class.define", { class: name, define: { name } });
  for (let index = 0; index < sessions; index += 1) {
    const empty = newId();
    await hand("session.begin", { id: empty, mode: "count", place: "nowhere" });
    await hand("session.close", { session: empty, close: {} });
    const id = newId();
    const own = chairs.slice(index * 5, index * 5 + 5);
    await hand("session.begin", { id, mode: "count", place: "hall", expected: own });
    await scan("count", [...own.slice(0, 4), `UNKNOWN-${index}`], { session: id });
    // One of them is heard again, which no event tells.
    await scan("count", own.slice(0, 1), { session: id });
    await hand("session.close", { session: id, close: {} });
  }
};
