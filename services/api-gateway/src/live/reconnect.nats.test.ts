import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { type Bus, openBus } from "@tagwire/bus";
import { eventually, quietLog } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestGateway, testGateway } from "../test-gateway.ts";
import { openLive, ownView } from "./test-live.ts";

/* The gateway loses NATS while the owners of the views go on without it. */

/** The only way from the gateway to NATS, which the test can close. */
const openWay = async () => {
  const sockets = new Set<Socket>();
  let natsPort = 0;
  let isOpen = true;
  const server = createServer((from) => {
    if (!isOpen) return from.destroy();
    const to = connect(natsPort, "127.0.0.1");
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      sockets.add(one);
      one.on("error", () => {});
      one.once("close", () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = () => {
    isOpen = false;
    for (const socket of sockets) socket.destroy();
  };
  return {
    to: (natsUrl: string) => {
      natsPort = Number(new URL(natsUrl).port);
      return `nats://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    cut,
    open: () => {
      isOpen = true;
    },
    close: async () => {
      cut();
      server.close();
      await once(server, "close");
    },
  };
};

const stack = new AsyncDisposableStack();
let gateway: TestGateway;
let way: Awaited<ReturnType<typeof openWay>>;
/** The owner's own connection, which is never cut. */
let owners: Bus;

beforeAll(async () => {
  way = await openWay();
  stack.defer(() => way.close());
  gateway = stack.use(await testGateway({}, { wayToNats: way.to }));
  owners = await openBus({ url: gateway.natsUrl, name: "owner", log: quietLog() });
  stack.defer(() => owners.close());
});
afterAll(() => stack.disposeAsync());

// No head is ever said here and nothing happens afterwards: only the reconnect itself can tell that something was missed.
test.each([
  { view: "items", healed: { op: "snap", pos: 3, rows: [{ key: "1" }, { key: "2" }, { key: "3" }] } },
  { view: "dashboard", healed: { op: "snap", pos: 3, rows: [{ key: "1" }, { key: "2" }, { key: "3" }] } },
  { view: "events", healed: { op: "delta", prev: 1, pos: 3, changes: [{ version: 2 }, { version: 3 }] } },
] as const)(
  "what was said of $view while NATS was away is there after it, though the site is quiet",
  async ({ view, healed }) => {
    const site = `quiet-${view}`;
    const owner = ownView(owners, view, site);
    await owners.connection.flush();
    const client = await openLive(gateway.url);
    client.send({ op: "sub", id: "a", site, view });
    await client.frame("snap");
    owner.put("1", { tag: "1" });
    expect(await client.frame("delta")).toMatchObject({ prev: 0, pos: 1 });
    const before = client.frames.length;

    way.cut();
    await eventually("the gateway has lost NATS", () => !gateway.bus.isConnected());
    owner.put("2", { tag: "2" });
    owner.put("3", { tag: "3" });
    await owners.connection.flush();
    way.open();

    const frame = await eventually("the view is whole again", () =>
      client.frames.slice(before).find((one) => (one.op === "snap" || one.op === "delta") && one.pos === 3),
    );
    expect(frame).toMatchObject({ id: "a", ...healed });
    owner.put("4", { tag: "4" });
    expect(await client.frame("delta", client.frames.indexOf(frame) + 1)).toMatchObject({ prev: 3, pos: 4 });
    await client.close();
    await owner.stop();
  },
);
