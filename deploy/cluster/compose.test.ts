import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { findProgram } from "@tagwire/embedded";
import { plainEnvironment } from "@tagwire/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { render } from "./render.ts";

/* The compose file is read by docker-compose itself (fetched from the distribution where there is none), then held against our rules. */

const root = join(import.meta.dirname, "../..");
const file = join(root, "deploy/compose.yaml");
const text = readFileSync(file, "utf8");
const words = { POSTGRES_PASSWORD: "only-of-this-test", TAGWIRE_ADMIN_KEY: "only-of-this-test" };
const services = [
  ...["operations", "manager", "reader-gateway"],
  ...["health-check", "rfidpro-backup", "api-gateway"],
];

type Mount = { readonly type: string; readonly source?: string };
type Service = {
  readonly image: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly healthcheck?: object;
  readonly mem_limit?: string;
  readonly privileged?: boolean;
  readonly build?: { readonly args?: { readonly SERVICE?: string }; readonly dockerfile?: string };
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly ports?: readonly { readonly host_ip?: string; readonly target: number }[];
  readonly volumes?: readonly Mount[];
};
type Composed = { readonly services: Readonly<Record<string, Service>> };

const compose = () =>
  findProgram({ name: "docker-compose", proof: ["version"], cacheDir: join(root, ".tagwire/bin") });

/** What docker-compose makes of a file beside ours. @throws where it refuses it */
const composed = async (
  content: string,
  env: Readonly<Record<string, string>> = words,
): Promise<Composed> => {
  const folder = await mkdtemp(join(tmpdir(), "tagwire-compose-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const name of ["otel", "prometheus", "grafana"])
    await cp(join(root, "deploy", name), join(folder, name), { recursive: true });
  await writeFile(join(folder, "compose.yaml"), content);
  const { stdout } = await promisify(execFile)(
    await compose(),
    ["-f", join(folder, "compose.yaml"), "config", "--format", "json"],
    { env: { ...plainEnvironment(), ...env } },
  );
  return JSON.parse(stdout) as Composed;
};

const tagged = /^[a-z0-9./-]+:v?\d[\w.-]*$/;
/** Their images have no shell to ask them with. */
const unasked = new Set(["otel-collector", "jaeger"]);

const faultsOf = ({ services: all }: Composed): string[] =>
  Object.entries(all).flatMap(([name, service]) => {
    const isOurs = services.includes(name);
    const wrong: Readonly<Record<string, boolean>> = {
      "an image without a tag": !tagged.test(service.image),
      "more than its due": service.privileged === true,
      "no bound to its memory": service.mem_limit === undefined,
      "nothing that asks how it is": service.healthcheck === undefined && !unasked.has(name),
      "open to others": (service.ports ?? []).some(({ host_ip: host }) => host !== "127.0.0.1"),
      "a root that can be written": isOurs && service.read_only !== true,
      "a capability": isOurs && service.cap_drop?.includes("ALL") !== true,
      "another service's image":
        isOurs && (service.build?.args?.SERVICE !== name || !service.image.startsWith(`tagwire/${name}:`)),
      "the host's folders": (service.volumes ?? []).some(({ type }) => type === "bind" && isOurs),
    };
    return Object.entries(wrong).flatMap(([what, is]) => (is ? [`${name}: ${what}`] : []));
  });

test("docker-compose reads it, and every container keeps the rules", async () => {
  const all = await composed(text);
  expect(Object.keys(all.services)).toEqual(expect.arrayContaining(services));
  expect(faultsOf(all)).toEqual([]);
  for (const service of services)
    expect(existsSync(join(root, "services", service, "src/main.ts"))).toBe(true);
});

test("the servers are those of the cluster", async () => {
  const { services: all } = await composed(text);
  const images = (await render("dev")).flatMap(({ spec }) =>
    [spec?.template, spec?.jobTemplate?.spec?.template].flatMap((template) =>
      (template?.spec?.containers ?? []).map(({ image }: { readonly image: string }) => image),
    ),
  );
  for (const name of ["nats", "postgres"]) expect(images).toContain(all[name]?.image);
});

describe("no word that nobody else may know stands in it", () => {
  test.each(Object.keys(words))("without %s it is refused", async (name) => {
    const others = Object.fromEntries(Object.entries(words).filter(([other]) => other !== name));
    await expect(composed(text, others)).rejects.toThrow(name);
  });
});

test.each([
  { what: "a key that is misspelt", from: "mem_limit: 1g", to: "mem_limt: 1g", told: /mem_limt/ },
  { what: "a volume that nobody declares", from: "nats:/data", to: "natts:/data", told: /natts/ },
  { what: "a need for nobody", from: "  nats: { condition", to: "  gnats: { condition", told: /gnats/ },
])("$what is refused by docker-compose", async ({ from, to, told }) => {
  expect(text).toContain(from);
  await expect(composed(text.replace(from, to))).rejects.toThrow(told);
});

test.each([
  { from: "  read_only: true\n", to: "", told: /: a root that can be written/ },
  { from: "127.0.0.1:8000:8000", to: "8000:8000", told: /^api-gateway: open to others/ },
  { from: "image: postgres:18.4", to: "image: postgres", told: /^postgres: an image without a tag/ },
  { from: "SERVICE: manager", to: "SERVICE: operations", told: /^manager: another service's image/ },
  { from: "  cap_drop: [ALL]\n", to: "", told: /: a capability/ },
])("$told is found", async ({ from, to, told }) => {
  expect(text).toContain(from);
  expect(faultsOf(await composed(text.replace(from, to)))[0]).toMatch(told);
});

test("every service's figures are scraped, and its spans are taken where they are sent", () => {
  const read = (name: string) => parse(readFileSync(join(root, "deploy", name), "utf8"));
  const {
    scrape_configs: [job],
  } = read("prometheus/prometheus.yaml");
  expect(job.static_configs[0].targets.toSorted()).toEqual(services.map((name) => `${name}:8080`).toSorted());
  const { receivers, exporters, service } = read("otel/collector.yaml");
  const endpoint = new URL(parse(text, { merge: true })["x-environment"].OTEL_EXPORTER_OTLP_ENDPOINT);
  expect(`0.0.0.0:${endpoint.port}`).toBe(receivers.otlp.protocols.http.endpoint);
  for (const [kind, names] of Object.entries({ receivers, exporters }))
    expect(service.pipelines.traces[kind]).toEqual(Object.keys(names));
});
