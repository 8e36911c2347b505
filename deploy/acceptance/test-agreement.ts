import { ask, openBus } from "@tagwire/bus";
import { AskItemDigest, AskManagerDigest, type Dashboard } from "@tagwire/messages";
import { eventually, quietLog, type Stack } from "@tagwire/testing";

/** Waits until operations and the manager have the same items of `north` at the same position, and gives what the screens show then. */
export const agreedTotals = async (stack: Pick<Stack, "natsUrl" | "call">): Promise<Dashboard["totals"]> => {
  const bus = await openBus({ url: stack.natsUrl, name: "test", log: quietLog() });
  try {
    await eventually("manager and operations have the same digest at the same position", async () => {
      const [record, picture] = await Promise.all([
        ask(bus, AskItemDigest, { site: "north" }),
        ask(bus, AskManagerDigest, { site: "north" }),
      ]);
      return record.pos > 0 && record.pos === picture.pos && record.digest === picture.digest;
    });
  } finally {
    await bus.close();
  }
  const { body } = await stack.call("GET", "/sites/north/dashboard");
  return (body as Dashboard).totals;
};
