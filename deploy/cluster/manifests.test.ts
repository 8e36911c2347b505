import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { typeErrors } from "./known-types.ts";
import { openApiCheck } from "./open-api.ts";
import { isOperatorKind, operatorErrors } from "./operator-kinds.ts";
import { podOf, policyFaults } from "./policies.ts";
import { type Manifest, nameOf, overlays, render } from "./render.ts";

/** kubectl may have to be fetched first. */
const setUpTimeoutMs = 180_000;
const testTimeoutMs = 120_000;
const root = join(import.meta.dirname, "../..");

const rendered = new Map<string, Manifest[]>();
beforeAll(async () => {
  for (const overlay of overlays) rendered.set(overlay, await render(overlay));
}, setUpTimeoutMs);
const all = (overlay: string): Manifest[] => structuredClone(rendered.get(overlay) ?? []);
const find = (manifests: readonly Manifest[], name: string): Manifest => {
  const one = manifests.find((manifest) => nameOf(manifest) === name);
  if (one === undefined) throw new TypeError(`no ${name}`);
  return one;
};
// biome-ignore lint/suspicious/noExplicitAny: what is spoilt below is of every shape
type Spoilt = any;
const box = (manifests: readonly Manifest[], name: string): Spoilt =>
  podOf(find(manifests, name))?.containers?.[0];

const openApi = openApiCheck();
const services = ["operations", "manager", "reader-gateway", "health-check", "rfidpro-backup", "api-gateway"];

describe.each(overlays)("the overlay %s", (overlay) => {
  test("has nothing that its kinds do not have", { timeout: testTimeoutMs }, async () => {
    const ours = all(overlay).filter((one) => !isOperatorKind(one));
    expect(await typeErrors(ours)).toEqual([]);
    expect(all(overlay).filter(isOperatorKind).flatMap(operatorErrors)).toEqual([]);
  });

  test.skipIf(openApi === undefined)("is what Kubernetes itself describes", () => {
    const wrong = all(overlay)
      .filter((one) => !isOperatorKind(one))
      .flatMap((one) =>
        (openApi?.(one) ?? ["of a kind that is not described"]).map((why) => `${nameOf(one)}${why}`),
      );
    expect(wrong).toEqual([]);
  });

  test("keeps what must be true of everything that runs", () => {
    expect(policyFaults(all(overlay))).toEqual([]);
  });

  test("runs every service, and brings schemas and streams up to date before", () => {
    const running = all(overlay).filter(({ kind }) => kind === "Deployment" || kind === "StatefulSet");
    expect(running.map(({ metadata }) => metadata.name)).toEqual(expect.arrayContaining(services));
    const prepared = podOf(find(all(overlay), "Job/bootstrap"))?.containers ?? [];
    expect(prepared.map(({ name }) => name).toSorted()).toEqual(services.toSorted());
    for (const service of services)
      expect(() => readFileSync(join(root, "services", service, "src/prepare.ts"))).not.toThrow();
  });

  test("opens each way that somebody goes, and no other", () => {
    const label = (one: Manifest, name: string) => one.spec?.template?.metadata?.labels?.[`tagwire/${name}`];
    const workloads = all(overlay).flatMap((one) =>
      one.kind === "CronJob" ? [{ ...one, spec: one.spec.jobTemplate.spec }] : podOf(one) ? [one] : [],
    );
    const whoTalks = (name: string) =>
      workloads
        .filter((one) => label(one, name) === "true")
        .map(({ metadata }) => metadata.name)
        .toSorted();
    const jobs = ["bootstrap", "rfidpro-pull"];
    expect(whoTalks("talks-to-nats")).toEqual([...services, ...jobs].toSorted());
    expect(whoTalks("talks-to-postgres")).toEqual(
      [...services, ...jobs, "archive-verify", "log-verify", "postgres-dump"].toSorted(),
    );
    expect(whoTalks("talks-to-the-internet")).toEqual(
      ["archive-verify", "manager", "rfidpro-backup", "rfidpro-pull"].toSorted(),
    );
  });

  test("verifies the archive against what the service knows, and not against what lies beside it alone", () => {
    const [verifying] = podOf(find(all(overlay), "CronJob/archive-verify"))?.containers ?? [];
    expect(verifying?.command).toEqual(expect.arrayContaining(["verify-archive", "--bucket", "--database"]));
    expect(verifying?.env?.map(({ name }) => name)).toContain("DATABASE_URL");
  });

  test("gives nats-server settings that it takes", () => {
    const config = all(overlay).find(
      ({ kind, metadata }) => kind === "ConfigMap" && /^nats-/.test(metadata.name),
    );
    const { data } = config as unknown as { data: Record<string, string> };
    const folder = mkdtempSync(join(tmpdir(), "tagwire-nats-"));
    try {
      const file = join(folder, "nats.conf");
      writeFileSync(file, data["nats.conf"] ?? "");
      const env = { POD_NAME: "nats-0" };
      const check = () => execFileSync(inject("natsServerBin"), ["-t", "-c", file], { env, stdio: "pipe" });
      expect(check).not.toThrow();
      writeFileSync(file, `${data["nats.conf"]}\njetstraem { }\n`);
      expect(check).toThrow(/jetstraem/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

test("names settings that services read", () => {
  const known = services
    .map((service) => readFileSync(join(root, "services", service, "src/config.ts"), "utf8"))
    .concat(
      ["settings.ts", "run-service.ts", "telemetry.ts"].map((file) =>
        readFileSync(join(root, "libs/service/src", file), "utf8"),
      ),
    )
    .join("\n");
  const named = overlays.flatMap((overlay) =>
    all(overlay).flatMap((one) => [
      ...(podOf(one)?.containers ?? [])
        .filter(({ image }) => image?.startsWith("tagwire/"))
        .flatMap(({ env }) => (env ?? []).map(({ name }) => name)),
      ...(one.kind === "ConfigMap" && one.metadata.name.startsWith("tagwire-")
        ? Object.keys((one as unknown as { data: object }).data)
        : []),
    ]),
  );
  // The site that is pulled is a word of the command, not a setting.
  const unread = [...new Set(named)].filter((name) => name !== "RFIDPRO_SITE" && !known.includes(name));
  expect(unread).toEqual([]);
});

describe("what is spoilt is found", () => {
  test.each([
    {
      what: "a misspelt field",
      spoil: (every: Manifest[]) => (find(every, "Deployment/operations").spec.replcas = 2),
      found: /^Deployment\/operations.*replcas/,
    },
    {
      what: "a misspelt probe",
      spoil: (every: Manifest[]) => (box(every, "Deployment/manager").readinesProbe = {}),
      found: /^Deployment\/manager.*readinesProbe/,
    },
    {
      what: "a number that is a text",
      spoil: (every: Manifest[]) => (find(every, "CronJob/log-verify").spec.successfulJobsHistoryLimit = "3"),
      found: /^CronJob\/log-verify.*successfulJobsHistoryLimit|^CronJob\/log-verify.*not assignable/,
    },
  ])("by the types of the kinds: $what", { timeout: testTimeoutMs }, async ({ spoil, found }) => {
    const every = all("dev");
    spoil(every);
    const ours = every.filter((one) => !isOperatorKind(one));
    const told = await typeErrors(ours);
    expect(told).toContainEqual(expect.stringMatching(found));
    expect(told.length).toBeLessThanOrEqual(2);
  });

  test.skipIf(openApi === undefined)("by Kubernetes' own description", () => {
    const every = all("dev");
    find(every, "Deployment/operations").spec.replcas = 2;
    find(every, "CronJob/rfidpro-pull").spec.concurencyPolicy = "Forbid";
    const wrong = every.filter((one) => (openApi?.(one) ?? []).length > 0).map(nameOf);
    expect(wrong.toSorted()).toEqual(["CronJob/rfidpro-pull", "Deployment/operations"]);
  });

  test("by what is known of operators' kinds", () => {
    const every = all("site");
    find(every, "Cluster/postgres").spec.instnces = 3;
    find(every, "ScaledObject/manager").spec.triggers[0].metadata.treshold = "1";
    const wrong = every.filter((one) => isOperatorKind(one) && operatorErrors(one).length > 0).map(nameOf);
    expect(wrong.toSorted()).toEqual(["Cluster/postgres", "ScaledObject/manager"]);
  });

  const operations = "Deployment/operations";
  test.each([
    { spoil: (one: Spoilt) => (one.image = "tagwire/operations"), why: "has no tag" },
    { spoil: (one: Spoilt) => (one.image = "tagwire/operations:latest"), why: "has no tag" },
    { spoil: (one: Spoilt) => (one.securityContext.runAsUser = 0), why: "may run as root" },
    { spoil: (one: Spoilt) => (one.securityContext.runAsNonRoot = false), why: "may run as root" },
    { spoil: (one: Spoilt) => delete one.securityContext.readOnlyRootFilesystem, why: "can be written" },
    { spoil: (one: Spoilt) => delete one.securityContext.allowPrivilegeEscalation, why: "gain privileges" },
    { spoil: (one: Spoilt) => (one.securityContext.capabilities.drop = []), why: "has capabilities" },
    { spoil: (one: Spoilt) => delete one.livenessProbe, why: "whether it lives" },
    { spoil: (one: Spoilt) => delete one.readinessProbe, why: "whether it is ready" },
    { spoil: (one: Spoilt) => delete one.startupProbe, why: "start is not waited for" },
    { spoil: (one: Spoilt) => delete one.resources.limits, why: "memory has no limit" },
    { spoil: (one: Spoilt) => delete one.resources.requests.cpu, why: "asks for no processor" },
    {
      spoil: (one: Spoilt) => one.env.push({ name: "RFIDPRO_PASSWORD", value: "words" }),
      why: "secret is written down in RFIDPRO_PASSWORD",
    },
  ])("in a container: $why", ({ spoil, why }) => {
    const every = all("dev");
    spoil(box(every, operations));
    expect(policyFaults(every)).toEqual([expect.stringMatching(new RegExp(`^${operations}: .*${why}`))]);
  });

  test.each([
    { name: operations, spoil: (pod: Spoilt) => (pod.hostNetwork = true), why: "network of its host" },
    {
      name: operations,
      spoil: (pod: Spoilt) => pod.volumes.push({ hostPath: {} }),
      why: "folder of its host",
    },
    {
      name: operations,
      spoil: (pod: Spoilt) => delete pod.automountServiceAccountToken,
      why: "key to the cluster",
    },
    {
      name: operations,
      spoil: (pod: Spoilt) => delete pod.securityContext.seccompProfile,
      why: "not bounded",
    },
    { name: operations, spoil: (pod: Spoilt) => delete pod.topologySpreadConstraints, why: "on one machine" },
    {
      name: "CronJob/log-verify",
      spoil: (pod: Spoilt) => delete pod.securityContext.runAsUser,
      why: "as root",
    },
  ])("in a pod: $why", ({ name, spoil, why }) => {
    const every = all("site");
    const one = find(every, name);
    if (one.kind === "Deployment") one.spec.replicas = 2;
    spoil(podOf(one));
    expect(policyFaults(every)).toEqual([expect.stringMatching(new RegExp(`^${name}: .*${why}`))]);
  });

  test.each([
    { spoil: (spec: Spoilt) => delete spec.timeZone, why: "whose clock" },
    { spoil: (spec: Spoilt) => (spec.timeZone = "America/Chigago"), why: "whose clock" },
    { spoil: (spec: Spoilt) => (spec.concurrencyPolicy = "Allow"), why: "two of it" },
    { spoil: (spec: Spoilt) => delete spec.startingDeadlineSeconds, why: "any later time" },
    { spoil: (spec: Spoilt) => delete spec.jobTemplate.spec.activeDeadlineSeconds, why: "go on for ever" },
    { spoil: (spec: Spoilt) => (spec.failedJobsHistoryLimit = 0), why: "not kept" },
    { spoil: (spec: Spoilt) => delete spec.jobTemplate.spec.backoffLimit, why: "without a bound" },
  ])("in what is scheduled: $why", ({ spoil, why }) => {
    const every = all("dev");
    spoil(find(every, "CronJob/rfidpro-pull").spec);
    expect(policyFaults(every)).toEqual([
      expect.stringMatching(new RegExp(`^CronJob/rfidpro-pull: .*${why}`)),
    ]);
  });

  test("in all of it: no policy closes, no budget holds, a secret stands there, a namespace is open", () => {
    const every = all("site").filter(
      (one) => !["NetworkPolicy/nothing-unless-said", "PodDisruptionBudget/nats"].includes(nameOf(one)),
    );
    const labels = find(every, "Namespace/tagwire").metadata.labels as Record<string, string>;
    labels["pod-security.kubernetes.io/enforce"] = "baseline";
    every.push({ apiVersion: "v1", kind: "Secret", metadata: { name: "words", namespace: "tagwire" } });
    expect(policyFaults(every)).toEqual([
      "no NetworkPolicy closes what none opens",
      "the namespace is not restricted",
      "StatefulSet/nats: all of it may be put away at once",
      "Secret/words: a secret is written down",
    ]);
  });
});
