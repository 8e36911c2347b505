import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Item, Receipt } from "@tagwire/messages";
import { eventually, GiveUp, plainEnvironment, type Stack } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { agreedTotals } from "./test-agreement.ts";
import { openClient, readFeed } from "./test-clients.ts";

/* Several processes of each service, as `npm start -- --replicas` runs them: any may be killed, and all be renewed, while clients scan. */

const root = resolve(import.meta.dirname, "../..");
const replicas = 2;
/** Whose absence a client would feel; the others are renewed with all. */
const killed = ["operations", "manager", "reader-gateway", "api-gateway"];
const key = randomBytes(24).toString("hex");
let folder = "";
let stop = async (): Promise<void> => undefined;
let http = "";

type Told = {
  readonly nats: string;
  readonly services: readonly { name: string; pid: number; http: string }[];
};
const told = async (): Promise<Told> => JSON.parse(await readFile(join(folder, "endpoints.json"), "utf8"));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tagwire-replicas-"));
  const launcher = spawn(
    process.execPath,
    [
      ...["deploy/local/launch.ts", "--no-demo", "--port", "0"],
      ...["--data", folder, "--replicas", String(replicas)],
    ],
    {
      cwd: root,
      env: { ...plainEnvironment(), TAGWIRE_ADMIN_KEY: key, PROBE_EVERY_SECONDS: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let output = "";
  for (const stream of [launcher.stdout, launcher.stderr])
    stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  stop = async () => {
    if (launcher.exitCode !== null || launcher.signalCode !== null) return;
    const ended = once(launcher, "exit");
    launcher.kill("SIGTERM");
    await ended;
  };
  http = await eventually(
    "the ready line",
    () => {
      if (launcher.exitCode !== null) throw new GiveUp(output);
      return /^tagwire ready (http:\S+)$/m.exec(output)?.[1];
    },
    180_000,
  );
}, 200_000);
afterAll(async () => {
  await stop();
  await rm(folder, { recursive: true, force: true });
});

const call: Stack["call"] = async (method, path, body, headers = {}) => {
  const response = await fetch(`${http}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get("content-type") ?? "");
  return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers };
};

/** Every process runs and is ready, none of them one of those that are to be gone. */
const wholeWithout = (gone: ReadonlySet<number>) =>
  eventually(
    "every process is there again",
    async () => {
      const { services } = await told();
      if (services.length < 6 * replicas || services.some(({ pid }) => gone.has(pid))) return undefined;
      const probes = await Promise.all(services.map(({ http: at }) => fetch(`${at}/readyz`)));
      for (const probe of probes) await probe.body?.cancel();
      return probes.every(({ status }) => status === 200) ? services : undefined;
    },
    180_000,
  );

test("replicas are killed under load and renewed one by one, and every scan counts once", async () => {
  await call("POST", "/sites", { id: "north", name: "North", timeZone: "America/Chicago" });
  const groups = ["A", "B"].map((name) => Array.from({ length: 10 }, (_, index) => `${name}-CHAIR-${index}`));
  for (const tag of groups.flat())
    expect((await call("POST", "/sites/north/items", { tag, class: "Thing" })).status).toBe(201);
  const first = await wholeWithout(new Set());
  expect(new Set(first.map(({ http: at }) => at)).size).toBe(6 * replicas);

  const clients = groups.map((tags, index) => openClient({ call }, `C${index}`, tags));
  const goOn = async (what: string) => {
    const before = clients.map((client) => client.count());
    await eventually(`both clients got receipts ${what}`, () =>
      clients.every((client, index) => client.count() > (before[index] ?? 0)),
    );
  };
  await goOn("before anything is killed");
  await eventually("each gateway has seen a test scan of its own", async () => {
    const gateways = first.filter(({ name }) => name.startsWith("api-gateway"));
    const figures = await Promise.all(gateways.map(({ http: at }) => fetch(`${at}/metrics`)));
    const texts = await Promise.all(figures.map((figure) => figure.text()));
    return texts.every((text) => /^tagwire_synthetic_scans_total\{.*outcome="seen".*\} [1-9]/m.test(text));
  });

  // Both processes of a service in turn, so that whichever of them had the site was killed.
  for (const name of killed)
    for (let number = 1; number <= replicas; number += 1) {
      const victim = number === 1 ? name : `${name}-${number}`;
      const pid = (await told()).services.find((one) => one.name === victim)?.pid ?? 0;
      process.kill(pid, "SIGKILL");
      await goOn(`after ${victim} was killed`);
      await wholeWithout(new Set([pid]));
      await goOn(`after ${victim} was started again`);
    }

  // As a new version comes: each ends in its own way, and the next when that one's successor is ready.
  for (const { name, pid } of await wholeWithout(new Set())) {
    process.kill(pid, "SIGTERM");
    await goOn(`while ${name} is renewed`);
    await wholeWithout(new Set([pid]));
  }
  await Promise.all(clients.map((client) => client.stop()));

  const given = clients.flatMap((client) => [...client.receipts.values()]);
  expect(given.every(({ receipt }) => receipt.outcome === "accepted")).toBe(true);
  const feed = await readFeed({ call });
  expect(feed.map(({ pos }) => pos)).toEqual(feed.map((_event, index) => index + 1));
  const scanIds = feed.flatMap(({ scanId }) => scanId ?? []);
  expect(new Set(scanIds).size).toBe(scanIds.length);
  expect(new Set(scanIds)).toEqual(new Set(given.map(({ scan }) => scan.id)));
  for (const client of clients) {
    const last = [...client.receipts.values()].slice(-client.tags.length);
    for (const { scan, receipt } of last as { scan: { tag: string }; receipt: Receipt }[]) {
      const { body } = await call("GET", `/sites/north/items/${scan.tag}`);
      expect(body as Item).toMatchObject({ contract: client.contract(), version: receipt.item?.version });
    }
  }
  const { nats } = await told();
  expect(await agreedTotals({ natsUrl: nats, call })).toMatchObject({ total: 20, out: 20 });
}, 900_000);
