import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureStream, openBus, publishInOrder } from "@tagwire/bus";
import { freePort } from "@tagwire/embedded";
import { Events } from "@tagwire/messages";
import { eventually, quietLog } from "@tagwire/testing";
import { afterAll, beforeAll, expect, inject, test } from "vitest";

/* The settings that the cluster is given, with three servers of this machine in the place of its pods. */

const replicas = 3;
const setUpTimeoutMs = 60_000;
const testTimeoutMs = 240_000;

type Server = { readonly name: string; readonly file: string; readonly port: number };

const stack = new AsyncDisposableStack();
const running = new Map<string, ChildProcess>();
let servers: readonly Server[];

const start = ({ name, file }: Server): void => {
  const env = { ...process.env, POD_NAME: name };
  running.set(
    name,
    spawn(inject("natsServerBin"), ["-a", "127.0.0.1", "-c", file], { env, stdio: "ignore" }),
  );
};
const kill = async (name: string): Promise<void> => {
  const child = running.get(name);
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((done) => child.once("exit", done));
  child.kill("SIGKILL");
  await gone;
};

beforeAll(async () => {
  const folder = stack.adopt(await mkdtemp(join(tmpdir(), "tagwire-nats-")), (made) =>
    rm(made, { recursive: true, force: true }),
  );
  const shipped = await readFile(join(import.meta.dirname, "../../k8s/base/nats/nats.conf"), "utf8");
  const pods = await Promise.all(
    Array.from({ length: replicas }, async (_, index) => ({
      name: `nats-${index}`,
      port: await freePort(),
      http: await freePort(),
      peers: await freePort(),
    })),
  );
  servers = await Promise.all(
    pods.map(async ({ name, port, http, peers }) => {
      const store = join(folder, name);
      await mkdir(store);
      const settings = pods
        .reduce(
          (text, pod) =>
            text.replace(`nats://${pod.name}.nats-peers.tagwire.svc:6222`, `nats://127.0.0.1:${pod.peers}`),
          shipped,
        )
        .replace("port: 4222", `port: ${port}`)
        .replace("http_port: 8222", `http_port: ${http}`)
        .replace("port: 6222", `host: 127.0.0.1, port: ${peers}`)
        .replace("store_dir: /data", `store_dir: "${store}"`);
      const file = join(folder, `${name}.conf`);
      await writeFile(file, settings);
      return { name, file, port };
    }),
  );
  stack.defer(async () => {
    await Promise.all(servers.map(({ name }) => kill(name)));
  });
  for (const server of servers) start(server);
}, setUpTimeoutMs);
afterAll(() => stack.disposeAsync());

test("three servers keep each stream: one that is killed is missed by nobody, and catches up", {
  timeout: testTimeoutMs,
}, async () => {
  const url = servers.map(({ port }) => `nats://127.0.0.1:${port}`).join(",");
  const bus = stack.adopt(
    await eventually("they are one cluster", async () => {
      const opened = await openBus({ url, name: "test", log: quietLog(), streamReplicas: replicas });
      try {
        await ensureStream(opened, Events);
        return opened;
      } catch (error) {
        await opened.close();
        throw error;
      }
    }),
    (opened) => opened.close(),
  );
  const publish = (from: number, until: number) =>
    eventually(`events ${from} to ${until} are kept`, async () => {
      const numbers = Array.from({ length: until - from + 1 }, (_, index) => from + index);
      await publishInOrder(
        bus,
        numbers.map((number) => ({
          ...{ subject: `events.north.item.${number}`, id: `id-${number}`, payload: "{}", headers: {} },
        })),
      );
      return true;
    });
  const info = () => bus.manager.streams.info(Events.name);
  await publish(1, 100);
  const { cluster, config } = await info();
  expect(config.num_replicas).toBe(replicas);
  const leader = servers.find(({ name }) => name === cluster?.leader);
  if (leader === undefined) throw new Error(`${cluster?.leader} leads, and is none of them`);
  await kill(leader.name);
  await publish(101, 200);
  expect((await eventually("another leads", info)).cluster?.leader).not.toBe(leader.name);
  start(leader);
  const whole = await eventually("all three hold all of it", async () => {
    const now = await info();
    const others = now.cluster?.replicas ?? [];
    return others.length === replicas - 1 && others.every(({ current, lag }) => current && (lag ?? 0) === 0)
      ? now
      : undefined;
  });
  expect(whole.state.messages).toBe(200);
  // A second look at what is declared changes nothing, and finds it as it was asked for.
  await ensureStream(bus, Events);
});
