import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { documentedMetrics, seriesOf } from "./catalogue.ts";
import { root } from "./promtool.ts";
import { alertNames } from "./rules.ts";
import { blocksOf, readRunbooks } from "./runbook-text.ts";

/* A runbook is read at night by somebody who does not know better: what it says to type has to exist. */

const runbooks = readRunbooks();
const files = runbooks.map(({ file }) => file);
const commands = runbooks.flatMap(({ file, text }) =>
  blocksOf({ file, text }, "sh").flatMap((block) => block.split("\n").map((line) => ({ file, line }))),
);
const quoted = runbooks.flatMap(({ file, text }) =>
  [...text.matchAll(/`((?:npx tagwire|npm) [^`]+)`/g)].map(([, line = ""]) => ({ file, line })),
);

const read = (path: string): string => readFileSync(join(root, path), "utf8");

/** What a command of ours says of itself. */
const helpOf = async (name: string): Promise<string> => {
  const bootstrap = join(root, "deploy/local/bootstrap.mjs");
  const { stdout } = await promisify(execFile)(process.execPath, [bootstrap, ...name.split(" "), "--help"]);
  return stdout;
};

/** `kind/name` of everything that stands in the cluster. */
const inCluster = new Set(
  readdirSync(join(root, "k8s"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".yaml"))
    .flatMap((path) => parseAllDocuments(read(join("k8s", path))).map((one) => one.toJS() as unknown))
    .flatMap((document) => {
      const { kind, metadata } = (document ?? {}) as { kind?: string; metadata?: { name?: string } };
      return kind === undefined || metadata?.name === undefined
        ? []
        : [`${kind.toLowerCase()}/${metadata.name}`];
    }),
);
const inContainers = Object.keys((parse(read("deploy/compose.yaml")) as { services: object }).services);
const kubectlVerbs = ["get", "logs", "describe", "rollout", "scale"];
const composeVerbs = ["ps", "logs", "restart"];

const kubectlFault = (words: readonly string[]): string | undefined => {
  const [first, namespace, verb = "", ...rest] = words;
  if (first !== "-n" || namespace !== "tagwire") return "no namespace";
  if (!kubectlVerbs.includes(verb)) return `no verb ${verb}`;
  const named = rest.filter((word) => word.includes("/") && !word.startsWith("-") && !word.includes("="));
  const labelled = rest.filter((word) => word.startsWith("app.kubernetes.io/name="));
  const isPart = (word: string): boolean =>
    ["deployment", "statefulset"].some((kind) => inCluster.has(`${kind}/${word.split("=")[1]}`));
  return [...named.filter((word) => !inCluster.has(word)), ...labelled.filter((word) => !isPart(word))][0];
};

const composeFault = (words: readonly string[]): string | undefined => {
  const [flag, path, verb = "", ...rest] = words;
  if (flag !== "-f" || path !== "deploy/compose.yaml") return "another file";
  if (!composeVerbs.includes(verb)) return `no verb ${verb}`;
  return rest.find((word) => !/^(--\w+|\d+)$/.test(word) && !inContainers.includes(word));
};

const routes = read("services/api-gateway/src/routes/device-reports.ts");
const curlFault = (line: string): string | undefined => {
  const path = /\/api\/v1(\/sites)\/north(\/[\w-]+)/.exec(line);
  return path !== null && routes.includes(`"${path[1]}/:site${path[2]}"`) ? undefined : "no such route";
};

test("each alert has a runbook, and each runbook an alert", () => {
  expect(files.sort()).toEqual(alertNames.map((name) => `${name}.md`).sort());
  for (const { file, text } of runbooks)
    expect(text, file).toMatch(
      new RegExp(
        `^# ${file.replace(".md", "")}\n\n[\\s\\S]+\n## Look\n[\\s\\S]+\n## Do\n[\\s\\S]+\n## It is over when\n`,
      ),
    );
});

test("every command of ours that a runbook names exists, and takes what it is given", async () => {
  const all = [...commands, ...quoted].filter(({ line }) => line.startsWith("npx tagwire "));
  expect(all.length).toBeGreaterThan(alertNames.length);
  const listed = (await helpOf("--help")).replaceAll(/[,:\n]/g, " ").split(" ");
  const helps = new Map<string, Promise<string>>();
  for (const { file, line } of all) {
    const [name = "", part = "", ...rest] = line.split(/\s+/).slice(2);
    expect(listed, `${file}: ${line}`).toContain(name);
    if (!helps.has(name)) helps.set(name, helpOf(name));
    const help = (await helps.get(name)) ?? "";
    const words = [part, ...rest];
    // Of a command with parts, the line of that part: what is not in brackets has to be said.
    const usage =
      help.split("\n").find((one) => one.startsWith(`npx tagwire ${name} ${part}`)) ??
      help.split("\n")[0] ??
      "";
    const needed = usage.match(/(?<!\[)--[\w-]+/g)?.filter((flag) => flag !== "--bucket") ?? [];
    expect(words, `${file}: ${line}`).toEqual(expect.arrayContaining(needed));
    if (/<|\|| DIR/.test(usage)) expect(part, `${file}: ${line}`).toMatch(/^[\w./-]+$/);
    if (["rebuild", "rfidpro"].includes(name)) expect(help, `${file}: ${line}`).toContain(part);
    for (const flag of words.filter((word) => word.startsWith("--")))
      expect(help, `${file}: ${line}`).toContain(flag);
  }
  const scripts = Object.keys((JSON.parse(read("package.json")) as { scripts: object }).scripts);
  for (const { file, line } of quoted.filter((one) => one.line.startsWith("npm run ")))
    expect(scripts, `${file}: ${line}`).toContain(line.split(" ")[2]);
});

test("every other command speaks of what stands in the cluster, in the containers, or in the API", () => {
  const faults = commands
    .filter(({ line }) => !line.startsWith("npx tagwire "))
    .flatMap(({ file, line }) => {
      const [program, ...words] = line.split(" > ")[0]?.split(/\s+/) ?? [];
      if (program === "kubectl")
        return [kubectlFault(words)].flatMap((why) => why && `${file}: ${line}: ${why}`);
      if (program === "docker")
        return [composeFault(words.slice(1))].flatMap((why) => why && `${file}: ${line}: ${why}`);
      if (program === "curl") return [curlFault(line)].flatMap((why) => why && `${file}: ${line}: ${why}`);
      return `${file}: ${line}: who is ${program}?`;
    })
    .filter((fault) => fault !== undefined);
  expect(faults).toEqual([]);
});

test("runbooks ask Prometheus only for what is documented", () => {
  const known = new Set(documentedMetrics().flatMap((metric) => [metric.name, ...seriesOf(metric)]));
  const faults = runbooks.flatMap(({ file, text }) =>
    (text.match(/\btagwire_\w+/g) ?? []).filter((name) => !known.has(name)).map((name) => `${file}: ${name}`),
  );
  expect(faults).toEqual([]);
  // Each of them is a way to somebody's figures.
  expect(
    runbooks.filter((runbook) => blocksOf(runbook, "promql").length === 0).map(({ file }) => file),
  ).toEqual([]);
});

/** They are written like alerts. */
const noAlerts = ["CronJob", "WebSocket"];

test("a runbook sends nobody to one that is not there", () => {
  const faults = runbooks.flatMap(({ file, text }) =>
    [...text.matchAll(/\b([A-Z][a-z]+(?:[A-Z][a-z]+)+)\b/g)]
      .map(([, name = ""]) => name)
      .filter((name) => !alertNames.includes(name) && !noAlerts.includes(name))
      .map((name) => `${file}: ${name}`),
  );
  expect(faults).toEqual([]);
});
