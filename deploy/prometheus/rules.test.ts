import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { documentedMetrics, seriesOf } from "./catalogue.ts";
import { promtool } from "./promtool.ts";
import { isAlerting } from "./rule-file.ts";
import { alertNames, readRuleFile, ruleFiles, textOf } from "./rules.ts";
import { slos } from "./slos.ts";

const here = import.meta.dirname;
const rules = Object.values(ruleFiles).flatMap(({ groups }) => groups.flatMap((group) => group.rules));

type Trials = {
  readonly tests: readonly {
    readonly promql_expr_test?: readonly { readonly exp_samples?: readonly { readonly labels: string }[] }[];
  }[];
};

test("what Prometheus reads is what was written for it", async () => {
  expect((await readdir(join(here, "rules"))).sort()).toEqual(Object.keys(ruleFiles).sort());
  for (const [name, file] of Object.entries(ruleFiles)) expect(readRuleFile(name), name).toBe(textOf(file));
});

test("promtool finds no fault with rules and configuration, and does with a rule that is none", async () => {
  await promtool([
    "check",
    "rules",
    "--lint=all",
    "--lint-fatal",
    ...Object.keys(ruleFiles).map((name) => join(here, "rules", name)),
  ]);
  // It reads the rules that it names as well.
  expect(await promtool(["check", "config", join(here, "prometheus.yaml")])).toContain("2 rule files found");
  const folder = await mkdtemp(join(tmpdir(), "tagwire-rules-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const broken = readRuleFile("alerts.yaml").replace(
    "max(tagwire_projection_leading) < 1",
    "max(tagwire_projection_leading <",
  );
  await writeFile(join(folder, "alerts.yaml"), broken);
  await expect(promtool(["check", "rules", join(folder, "alerts.yaml")])).rejects.toThrow("parse error");
});

test("each alert fires in a house where its thing is so, and in no other", async () => {
  const files = (await readdir(join(here, "trials"))).map((name) => join(here, "trials", name));
  await promtool(["test", "rules", ...files]);
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
  const tried = texts
    .flatMap((text) => (parse(text) as Trials).tests)
    .flatMap(({ promql_expr_test: looks = [] }) => looks.flatMap(({ exp_samples: samples = [] }) => samples))
    .map(({ labels }) => /alertname="(\w+)"/.exec(labels)?.[1] ?? "");
  expect([...new Set(tried)].sort()).toEqual([...alertNames].sort());
});

test("a trial fails where the rule is another", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tagwire-trials-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const lax = readRuleFile("slos.yaml").replaceAll("> 0.0144", "> 0.3").replaceAll("> 0.006", "> 0.3");
  await writeFile(join(folder, "slos.yaml"), lax);
  const trials = await readFile(join(here, "trials/slos.yaml"), "utf8");
  await writeFile(join(folder, "trials.yaml"), trials.replace("../rules/slos.yaml", "slos.yaml"));
  await expect(promtool(["test", "rules", join(folder, "trials.yaml")])).rejects.toThrow(
    'got: {alertname="CommandsSlowBurn"}',
  );
});

test("rules ask only for what is documented, and each label that they ask for is one of it", () => {
  const known = new Set(documentedMetrics().flatMap(seriesOf));
  const asked = rules.flatMap(({ expr }) => expr.match(/\btagwire_\w+/g) ?? []);
  expect(asked.filter((name) => !known.has(name))).toEqual([]);
  expect(asked.length).toBeGreaterThan(alertNames.length);
});

test("every objective stands in the README as it is promised", async () => {
  const readme = await readFile(join(here, "README.md"), "utf8");
  for (const { name, promise } of slos) expect(readme).toContain(`| \`${name}\` | ${promise} |`);
});

test("no two alerts share a name, and each says where to look", () => {
  expect(new Set(alertNames).size).toBe(alertNames.length);
  for (const { alert, annotations } of rules.filter(isAlerting))
    expect(annotations.runbook_url).toBe(`deploy/runbooks/${alert}.md`);
});
