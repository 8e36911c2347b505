import { describe, expect, test } from "vitest";
import type { HouseRule } from "./house-rules.ts";
import { importRules } from "./import-rules.ts";
import { placeRules } from "./place-rules.ts";
import { type ProjectFile, readProject } from "./project-files.ts";
import { treeOf } from "./project-tree.ts";
import { selfRules } from "./self-rules.ts";

const rules: Readonly<Record<string, HouseRule>> = { ...placeRules, ...importRules, ...selfRules };
type RuleName = keyof typeof placeRules | keyof typeof importRules | keyof typeof selfRules;

/** This file is full of what it forbids. */
const thisFile = "libs/testing/src/house-rules.test.ts";
const project = treeOf(readProject().filter(({ path }) => path !== thisFile));

test("the tree was found", () => {
  expect(project.product.length).toBeGreaterThan(50);
  expect(project.manifests.length).toBeGreaterThan(10);
  expect(project.files.some(({ path }) => path === ".gitignore")).toBe(true);
  expect(project.files.some(({ path }) => /(^|\/)(node_modules|\.git)\//.test(path))).toBe(false);
});

describe("the house is in order", () => {
  test.each(Object.entries(rules))("%s", (_, rule) => {
    expect(rule(project)).toEqual([]);
  });
});

/** Each makes a small house where nothing offends but what is given. */
const houseWith = (files: Readonly<Record<string, string>>) => {
  const ordinary: Record<string, string> = {
    "package.json": JSON.stringify({ devDependencies: { vitest: "1.0.0" } }),
    "libs/bus/package.json": JSON.stringify({ dependencies: { "@tagwire/messages": "0.1.0" } }),
    "libs/bus/src/mod.ts": 'import { newId } from "@tagwire/messages";',
    "services/operations/package.json": JSON.stringify({ dependencies: { "@tagwire/bus": "0.1.0" } }),
    "services/operations/README.md": "| Hears | Says | Owns |",
    "services/operations/src/main.ts": 'import { hear } from "@tagwire/bus";',
  };
  const all: ProjectFile[] = Object.entries({ ...ordinary, ...files }).map(([path, text]) => ({
    path,
    text,
  }));
  return treeOf(all);
};

test("the small house is in order", () => {
  expect(Object.values(rules).flatMap((rule) => rule(houseWith({})))).toEqual([]);
});

const actor = "services/operations/src/actors/scan.ts";
const service = "services/operations/src/turns.ts";
const page = (lines: number) => "\n".repeat(lines - 1);

/** Files that a rule must refuse; of one house each, with the name under which the offence is told. */
const bad: Readonly<Record<RuleName, readonly Readonly<Record<string, string>>[]>> = {
  "nothing stray stands around": [
    { "notes.txt": "" },
    { ".scratch/notes.txt": "" },
    { ".env": "" },
    { "deploy/notes.md": "" },
    { "deploy/attic/old.ts": "" },
    { "libs/loose.ts": "" },
    { "services/loose.ts": "" },
    { "scripts/run.sh": "" },
  ],
  "no folder or file is named after nothing": [
    { "deploy/local/utils.mjs": "" },
    { "services/operations-ui/src/common/colours.css": "" },
    { "libs/bus/src/helpers/text.ts": "" },
    { "libs/bus/src/index.ts": "" },
    { "libs/bus/src/types.ts": "" },
    { "services/operations/src/Utils.ts": "" },
  ],
  "actors decide: no clock, no dice, no sockets, no tables": [
    { [actor]: "const at = Date.now();" },
    { [actor]: "const at = new Date();" },
    { [actor]: "const at = performance.now();" },
    { [actor]: "const id = crypto.randomUUID();" },
    { [actor]: 'import { randomUUID } from "node:crypto";' },
    { [actor]: 'import { newId } from "@tagwire/messages";' },
    { [actor]: "const one = Math.random();" },
    { [actor]: 'await fetch("http://localhost");' },
    { [actor]: "setTimeout(() => {}, 5);" },
    { [actor]: "const secret = process.env.SECRET;" },
    { [actor]: 'import { openStore } from "@tagwire/store";' },
    { [actor]: 'import { say } from "@tagwire/bus";' },
    { [actor]: 'import postgres from "postgres";' },
    { [actor]: 'import { readFile } from "node:fs/promises";' },
    { [actor]: 'import { connect } from "node:net";' },
    { [actor]: 'import { findMany } from "../store/items.ts";' },
  ],
  "config.ts alone reads the environment of a service": [{ [service]: "const home = process.env.HOME;" }],
  "a file is a page": [{ [service]: page(401) }],
  "every service says what it hears, says and owns": [
    { "services/operations/README.md": "| Hears | Owns |" },
    { "services/operations/README.md": "| Says | Owns |" },
    { "services/operations/README.md": "| Hears | Says |" },
    { "services/silent/src/main.ts": "" },
  ],
  "no loose ends": [{ [service]: `// ${"TO"}DO later` }],
  "every lib has its storey": [{ "libs/attic/src/mod.ts": "" }],
  "a lib imports only libs of a lower storey": [
    { "libs/bus/src/up.ts": 'import { runActor } from "@tagwire/actor";' },
    { "libs/bus/src/up.ts": 'import { openStore } from "@tagwire/store";' },
    { "libs/bus/src/up.ts": "const actor = await import(`@tagwire/actor`);" },
    { "libs/bus/src/up.ts": 'const actor = createRequire(import.meta.url)("@tagwire/actor");' },
    { "libs/bus/src/up.ts": 'export * from "@tagwire/actor";' },
    { "libs/bus/src/up.ts": 'const actor = require("@tagwire/actor");' },
  ],
  "services import libs only, and none that serve tests and demonstrations": [
    { [service]: 'import { read } from "@tagwire/manager";' },
    { [service]: 'import { startStack } from "@tagwire/testing";' },
    { [service]: 'import { startLlrpReader } from "@tagwire/emulators";' },
  ],
  "relative imports stay at home, and libs are entered by their front door": [
    { [service]: 'import { read } from "../../manager/src/main.ts";' },
    { [service]: 'import { hear } from "@tagwire/bus/src/hear.ts";' },
  ],
  "what serves tests stays with the tests": [{ [service]: 'import { model } from "./test-model.ts";' }],
  "what is imported is declared": [
    { [service]: 'import { pino } from "pino";' },
    { [service]: 'import type { Logger } from "pino";' },
    { [service]: 'import { Value } from "typebox/value";' },
    { [service]: 'import { openStore } from "@tagwire/store";' },
    { "services/operations/src/turns.test.ts": 'import { pino } from "pino";' },
  ],
  "what is declared is imported": [
    {
      "libs/bus/package.json": JSON.stringify({
        dependencies: { "@tagwire/messages": "0.1.0", pino: "1.0.0" },
      }),
    },
    {
      "libs/bus/package.json": JSON.stringify({
        dependencies: { "@tagwire/messages": "0.1.0", "@tagwire/epc": "0.1.0" },
      }),
    },
  ],
  "no import goes round in a circle": [
    { "libs/bus/src/a.ts": 'import "./b.ts";', "libs/bus/src/b.ts": 'import "./a.ts";' },
  ],
  "no host is named but those of standards, licences and the pinned release": [
    { "README.md": "npm config set registry registry.somewhere.org" },
    { Dockerfile: "FROM images.somewhere.net/somebody/node:24" },
    { "deploy/Dockerfile": "ADD https://mirror.somewhere.net/node.tar /" },
    { "deploy/nats/nats.conf": "remote: nats://prod-bus.corp.somewhere:4222" },
    { [service]: 'const url = "http://10.1.2.3:8080/mirror";' },
    { [service]: 'const url = "https://example.com.corp-mirror.net/x";' },
    { [service]: 'const url = "http://doc.mirror.corp";' },
    { [service]: 'const url = "postgres://me:secret@db.mirror.lan/x";' },
    { [service]: 'const host = "cache.build.internal";' },
    { [service]: 'const url = "https://user@github.com@mirror.io/x";' },
  ],
  "the lock file names no registry": [{ "package-lock.json": '{"resolved": "https://r.test/a.tgz"}' }],
  "versions are exact": [
    { "package.json": JSON.stringify({ devDependencies: { vitest: "^1.0.0" } }) },
    { "libs/bus/package.json": JSON.stringify({ dependencies: { "@tagwire/messages": "*" } }) },
  ],
};

const cases = Object.entries(bad).flatMap(([rule, houses]) =>
  houses.map((files) => ({ rule, files, shown: JSON.stringify(files).slice(0, 90) })),
);

describe("a rule can fail", () => {
  test.each(cases)("$rule: $shown", ({ rule, files }) => {
    const told = rules[rule]?.(houseWith(files)) ?? [];
    expect(told).not.toEqual([]);
    const names = Object.keys(files).flatMap((path) => [path, path.split("/").slice(0, 2).join("/")]);
    for (const offence of told) expect(names.some((name) => offence.startsWith(name))).toBe(true);
  });
});

test.each([
  {
    [actor]:
      '// Date.now() is the runner\'s\nimport { createHash } from "node:crypto";\nconst at = new Date(heardAtMs);',
  },
  { [service]: "const url = `http://$" + '{host}/x`; const here = "http://127.0.0.1:1";' },
  { [service]: 'const spec = "see https://www.w3.org/TR/trace-context"; const x = "https://a.example";' },
  { "deploy/compose.yaml": "DATABASE_URL: postgres://tagwire:x@postgres:5432/tagwire" },
])("what is allowed is let be: %j", (files) => {
  const about = { ...placeRules, ...selfRules };
  expect(Object.values(about).flatMap((rule) => rule(houseWith(files)))).toEqual([]);
});
