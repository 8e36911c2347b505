/**
 * `npm run images:verify`: builds the image of every service with podman, and runs all of them as the cluster does: as nobody in
 * particular, on a root that is read-only, without a capability. Then one item goes through them, from the door to an audit that agrees.
 *
 * NODE_IMAGE names the base; without it one is made of this machine's distribution. Postgres and nats-server run beside the containers.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { findNatsServer, freePort, startNats, startPostgres } from "@tagwire/embedded";
import { newId } from "@tagwire/messages";
import { makeBaseImage } from "./base-image.ts";
import { npmSettings, podman, podmanAgrees } from "./podman.ts";

const root = join(import.meta.dirname, "../..");
const services = [
  ...["operations", "manager", "reader-gateway"],
  ...["health-check", "rfidpro-backup", "api-gateway"],
] as const;
type Service = (typeof services)[number];

const readyMsMax = 120_000;
const doneMsMax = 60_000;
const pollMs = 200;
const adminKey = crypto.randomUUID();
const certificates = "/etc/ssl/certs";

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const imageOf = (service: Service): string => `localhost/tagwire/${service}:verify`;

const until = async <T>(
  what: string,
  msMax: number,
  look: () => Promise<T | undefined | false>,
): Promise<T> => {
  const giveUpAt = performance.now() + msMax;
  for (;;) {
    const found = await look().catch(() => undefined);
    if (found !== undefined && found !== false) return found as T;
    if (performance.now() > giveUpAt) throw new Error(`${what}: not within ${msMax / 1_000} s`);
    await wait(pollMs);
  }
};

const build = async (service: Service, base: string, npmrc: string): Promise<void> => {
  const started = performance.now();
  await podman([
    ...["build", "--format", "docker", "--network", "host", "--file", join(root, "deploy/Dockerfile")],
    // What npm needs to reach its registry from here; the stage that sees it stays behind.
    ...["--volume", `${npmrc}:/root/.npmrc:ro`, "--volume", `${certificates}:${certificates}:ro`],
    ...["--build-arg", `NODE_IMAGE=${base}`, "--build-arg", `SERVICE=${service}`],
    ...["--tag", imageOf(service), root],
  ]);
  say(`✓ ${service} is built (${((performance.now() - started) / 1_000).toFixed(0)} s)`);
};

/** As the manifests have it: nothing may be written but /tmp, and nothing may be done that nobody may. */
const guarded = ["--network", "host", "--pull=never", "--read-only", "--tmpfs", "/tmp", "--cap-drop", "all"];
const limits = ["--security-opt", "no-new-privileges", "--memory", "512m"];

type Surroundings = { readonly databaseUrl: string; readonly natsUrl: string };
const envOf = (values: Readonly<Record<string, string>>): string[] =>
  Object.entries(values).flatMap(([name, value]) => ["--env", `${name}=${value}`]);

const prepare = async (service: Service, { databaseUrl, natsUrl }: Surroundings): Promise<void> => {
  await podman([
    ...["run", "--rm", ...guarded, ...limits],
    ...envOf({ DATABASE_URL: databaseUrl, NATS_URL: natsUrl }),
    ...[imageOf(service), "node", `services/${service}/src/prepare.ts`],
  ]);
};

type Container = { readonly service: Service; readonly name: string; readonly probes: string };

const start = async (service: Service, around: Surroundings, publicPort: number): Promise<Container> => {
  const port = await freePort();
  const name = `tagwire-verify-${service}-${process.pid}`;
  await podman([
    ...["run", "--detach", "--name", name, ...guarded, ...limits],
    ...envOf({
      ...{ DATABASE_URL: around.databaseUrl, NATS_URL: around.natsUrl },
      ...{ SERVICE_HOST: "127.0.0.1", SERVICE_PORT: String(port) },
      ...{ PUBLIC_HOST: "127.0.0.1", PUBLIC_PORT: String(publicPort), TAGWIRE_ADMIN_KEY: adminKey },
    }),
    imageOf(service),
  ]);
  return { service, name, probes: `http://127.0.0.1:${port}` };
};

/** What a container is and may, asked from within. */
const expectGuarded = async ({ service, name }: Container): Promise<void> => {
  const id = await podman(["exec", name, "id", "-u"]);
  if (id === "0") throw new Error(`${service} runs as root`);
  if (await podmanAgrees(["exec", name, "touch", "/tagwire/written"]))
    throw new Error(`${service} may write into its image`);
  const bill = JSON.parse(await podman(["exec", name, "cat", "/tagwire/sbom.json"])) as {
    components: unknown[];
  };
  if (bill.components.length === 0) throw new Error(`${service} names nothing that it is made of`);
  for (const tool of ["vitest", "typescript", "@biomejs"])
    if (await podmanAgrees(["exec", name, "test", "-e", `/tagwire/node_modules/${tool}`]))
      throw new Error(`${service} carries ${tool}, which only makes it`);
};

type Answer = { readonly status: number; readonly body: Readonly<Record<string, unknown>> };

const caller =
  (url: string) =>
  async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${adminKey}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (answer.status >= 300)
      throw new Error(`${method} ${path} was answered with ${answer.status}: ${text}`);
    return { status: answer.status, body: text === "" ? {} : JSON.parse(text) };
  };

/** One item through all services: in at the door, decided, scanned, seen by the manager, and both sides proven to agree. */
const doTheMainJob = async (url: string): Promise<void> => {
  const call = caller(url);
  const page = await fetch(url);
  if (!(await page.text()).includes("<title>")) throw new Error("the api-gateway serves no page");
  await call("POST", "/sites", { id: "north", name: "North", timeZone: "America/Chicago" });
  await call("POST", "/sites/north/items", { tag: "C0FFEE01", class: "chair" });
  await call("POST", "/sites/north/contracts", {
    ...{ number: "1001", client: "A client", lines: [{ class: "chair", quantity: 1 }] },
  });
  const scans = [
    {
      id: newId(),
      tag: "C0FFEE01",
      type: "rental",
      contract: "1001",
      scannedAt: new Date().toISOString(),
    },
  ];
  const scanned = await call("POST", "/sites/north/scans", { scans });
  say(`  scanned: ${JSON.stringify(scanned.body).slice(0, 200)}`);
  await until("the item is on rent", doneMsMax, async () => {
    const { body } = await call("GET", "/sites/north/items/C0FFEE01");
    return body.status === "on_rent";
  });
  const { body: audit } = await call("POST", "/sites/north/audits");
  if (audit.verdict !== "agree") throw new Error(`the audit says: ${JSON.stringify(audit)}`);
};

const folder = mkdtempSync(join(tmpdir(), "tagwire-verify-"));
const stack = new AsyncDisposableStack();
const clearUp = async (): Promise<void> => {
  await stack.disposeAsync();
  rmSync(folder, { recursive: true, force: true });
};
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => void clearUp().finally(() => process.exit(1)));
try {
  const base = process.env.NODE_IMAGE ?? (await makeBaseImage((text) => say(`  ${text}`)));
  const npmrc = await npmSettings();
  for (const service of services) await build(service, base, npmrc);
  const postgres = await startPostgres({ dir: join(folder, "postgres"), durable: false });
  stack.defer(() => postgres.stop());
  const { path: bin } = await findNatsServer({ cacheDir: join(root, ".tagwire/bin") });
  const nats = await startNats({ bin, dir: join(folder, "nats") });
  stack.defer(() => nats.stop());
  const around = { databaseUrl: postgres.url, natsUrl: nats.url };
  for (const service of services) await prepare(service, around);
  say("✓ schemas and streams are prepared by the images themselves");
  const publicPort = await freePort();
  const containers: Container[] = [];
  stack.defer(async () => {
    for (const { name } of containers) await podmanAgrees(["rm", "--force", "--time", "15", name]);
  });
  for (const service of services) containers.push(await start(service, around, publicPort));
  for (const { service, name, probes } of containers)
    await until(`${service} is ready`, readyMsMax, async () => (await fetch(`${probes}/readyz`)).ok).catch(
      async (error: unknown) => {
        throw new Error(`${String(error)}\n${await podman(["logs", "--tail", "20", name])}`);
      },
    );
  say("✓ all are ready");
  for (const container of containers) await expectGuarded(container);
  say(
    "✓ none is root, none can write into its image, each names what it is made of and carries no tool that made it",
  );
  await doTheMainJob(`http://127.0.0.1:${publicPort}`);
  say("✓ an item went through all of them, and both sides agree");
  for (const { service, name } of containers) {
    await podman(["stop", "--time", "20", name]);
    const code = await podman(["inspect", "--format", "{{.State.ExitCode}}", name]);
    if (code !== "0") throw new Error(`${service} ended with ${code} when it was asked to stop`);
  }
  say("✓ each ends well when it is asked to");
} catch (error) {
  say(`✗ ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await clearUp();
}
