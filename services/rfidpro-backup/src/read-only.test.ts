import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";

/*
 * RFIDpro is only ever read: not by one room of this service, but by all that a process of it loads.
 */

const root = join(import.meta.dirname, "../../..");
const imported =
  /^(?:import|export|\}).*\bfrom "([\w@./:-]+)";$|^import "([\w@./:-]+)";$|\bimport\("([\w@./:-]+)"\)/gm;

const fileOfPackage = (name: string): string => {
  const folder = join(root, "node_modules", name);
  const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { exports: string };
  return join(root, "libs", name.slice("@tagwire/".length), exports);
};

/** Everything of ours that a program loads, whenever it does, and by name what it loads of others. */
const loadedBy = (main: string): { files: Map<string, string>; others: Set<string> } => {
  const files = new Map<string, string>();
  const others = new Set<string>();
  const queue = [main];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (files.has(file)) continue;
    const text = readFileSync(file, "utf8");
    files.set(file, text);
    for (const [, from, alone, later] of text.matchAll(imported)) {
      const name = from ?? alone ?? later ?? "";
      if (name.startsWith(".")) queue.push(join(dirname(file), name));
      else if (name.startsWith("@tagwire/")) queue.push(fileOfPackage(name));
      else others.add(name);
    }
  }
  return { files, others };
};

const { files, others } = loadedBy(join(import.meta.dirname, "main.ts"));
const all = [...files].map(([file, text]) => ({ file: relative(root, file), text }));
const having = (pattern: RegExp): string[] =>
  all
    .filter(({ text }) => pattern.test(text))
    .map(({ file }) => file)
    .toSorted();

test("all that the service loads is looked at", () => {
  expect(all.length).toBeGreaterThan(150);
  for (const { file } of all) expect(existsSync(join(root, file))).toBe(true);
  expect(all.map(({ file }) => file)).toEqual(
    expect.arrayContaining([
      "services/rfidpro-backup/src/drivers/transport.ts",
      "services/rfidpro-backup/src/pull-once.ts",
      "services/rfidpro-backup/src/verify-once.ts",
      "services/rfidpro-backup/src/importing/send.ts",
    ]),
  );
});

test("what can open a socket is known by name, and one file of it speaks to RFIDpro", () => {
  const socket =
    /(?<![\w"`])fetch\s*[(,;]|"node:(http|https|http2|net|tls|dgram|child_process|worker_threads|cluster)"|undici|\bnew (WebSocket|EventSource)\b/;
  expect(having(socket)).toEqual([
    // The bucket, under its own address.
    "services/rfidpro-backup/src/archive/bucket.ts",
    "services/rfidpro-backup/src/drivers/transport.ts",
  ]);
  // What opens sockets of these: the bus, Postgres, the bucket, the endpoint for probes, and where traces are sent.
  expect(
    [...others]
      .filter((name) => !name.startsWith("node:") && !/^(typebox|@opentelemetry)/.test(name))
      .toSorted(),
  ).toEqual([
    ...["@nats-io/jetstream", "@nats-io/transport-node", "aws4fetch", "fastify", "kysely", "pino"],
    ...["postgres", "uuidv7"],
  ]);
});

test("where RFIDpro is, and who may read it, is handed from the settings to the transport, and to nobody else", () => {
  expect(having(/\b(loginUrl|dataUrl)\b/)).toEqual(
    ["config.ts", "drivers/allow-list.ts", "drivers/settings.ts", "open-context.ts"].map(
      (file) => `services/rfidpro-backup/src/${file}`,
    ),
  );
  // The context tells the archive where it was read, and hands the settings on.
  const context = files.get(join(import.meta.dirname, "open-context.ts")) ?? "";
  expect(context.match(/\b(loginUrl|dataUrl)\b/g)).toHaveLength(1);
  expect(context).toContain("origin: new URL(settings.dataUrl).origin");
  expect(having(/\bopenTransport\b/)).toEqual(
    ["rfidpro.ts", "transport.ts"].map((file) => `services/rfidpro-backup/src/drivers/${file}`),
  );
});

test("no verb is said to RFIDpro but the POST of a login and GET", () => {
  const verbs = all
    .filter(({ file }) => file.startsWith("services/rfidpro-backup/"))
    .flatMap(({ file, text }) =>
      [...text.matchAll(/["'`](POST|PUT|PATCH|DELETE|GET|HEAD|OPTIONS)["'`]/g)].map(
        ([, verb]) => `${verb} ${file.split("/src/")[1]}`,
      ),
    );
  expect([...new Set(verbs)].toSorted()).toEqual([
    "DELETE archive/bucket.ts",
    "GET drivers/allow-list.ts",
    "GET drivers/transport.ts",
    "HEAD archive/bucket.ts",
    "POST drivers/allow-list.ts",
    "POST drivers/transport.ts",
    "PUT archive/bucket.ts",
  ]);
});
