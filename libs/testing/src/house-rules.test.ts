import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  isTestSupport,
  projectFiles,
  readJson,
  resolveImport,
  root,
  type SourceFile,
  sourceFiles,
} from "./source-tree.ts";

/** The storeys of the house: a lib imports only libs of a lower storey. */
const storeys: Readonly<Record<string, number>> = {
  messages: 0,
  epc: 0,
  digest: 0,
  llrp: 0,
  embedded: 0,
  bus: 1,
  store: 1,
  service: 1,
  actor: 2,
  emulators: 2,
  testing: 3,
};

/** Libs that serve tests and demonstrations only: no service leans on them. */
const neverInServices = new Set(["emulators", "testing", "embedded"]);

const topLevel =
  /^(services|libs|deploy|k8s)\/|^(package\.json|package-lock\.json|tsconfig\.json|Tiltfile|README\.md|LICENSE)$|^\./;

const files = sourceFiles();
const product = files.filter(({ isTest }) => !isTest);
const ours = (specifier: string): string | undefined => /^@tagwire\/([a-z-]+)/.exec(specifier)?.[1];
const libOf = ({ room }: SourceFile): string | undefined =>
  room.startsWith("libs/") ? room.slice("libs/".length) : undefined;

const offences = (check: (file: SourceFile) => readonly string[], among = files): string[] =>
  among.flatMap((file) => check(file).map((what) => `${file.path}: ${what}`));

test("the tree was found", () => {
  expect(product.length).toBeGreaterThan(50);
  expect(files.some(({ imports }) => imports.includes("@tagwire/messages"))).toBe(true);
});

test("nothing stray stands on the top level", () => {
  expect(projectFiles().filter((path) => !topLevel.test(path))).toEqual([]);
});

describe("storeys look down", () => {
  test("every lib has its storey", () => {
    const libs = new Set(files.flatMap((file) => libOf(file) ?? []));
    expect([...libs].filter((lib) => storeys[lib] === undefined)).toEqual([]);
  });

  test("a lib imports only libs of a lower storey", () => {
    const upward = (file: SourceFile) => {
      const lib = libOf(file);
      if (lib === undefined) return [];
      return file.imports.filter((specifier) => {
        const other = ours(specifier);
        return other !== undefined && (storeys[other] ?? Number.POSITIVE_INFINITY) >= (storeys[lib] ?? -1);
      });
    };
    expect(offences(upward, product)).toEqual([]);
  });

  test("services import libs only, and none that serve tests and demonstrations", () => {
    const sideways = (file: SourceFile) => {
      if (!file.room.startsWith("services/")) return [];
      return file.imports.filter((specifier) => {
        const other = ours(specifier);
        return other !== undefined && (storeys[other] === undefined || neverInServices.has(other));
      });
    };
    expect(offences(sideways, product)).toEqual([]);
  });

  test("nobody reaches over a wall: relative imports stay at home, libs are entered by their front door", () => {
    const through = (file: SourceFile) =>
      file.imports.filter((specifier) => {
        if (specifier.startsWith("."))
          return !resolveImport(file.path, specifier).startsWith(`${file.room}/`);
        return ours(specifier) !== undefined && specifier.split("/").length > 2;
      });
    expect(offences(through)).toEqual([]);
  });

  test("what serves tests stays with the tests", () => {
    const leaned = (file: SourceFile) =>
      file.imports.filter(
        (specifier) => specifier.startsWith(".") && isTestSupport(resolveImport(file.path, specifier)),
      );
    expect(offences(leaned, product)).toEqual([]);
  });

  test("what is imported is declared", () => {
    const undeclared = (file: SourceFile) => {
      const declared = readJson(`${file.room}/package.json`);
      const names = new Set(
        Object.keys({ ...(declared.dependencies as object), ...(declared.optionalDependencies as object) }),
      );
      return file.imports.filter((specifier) => {
        const lib = ours(specifier);
        return lib !== undefined && !names.has(`@tagwire/${lib}`);
      });
    };
    expect(offences(undeclared, product)).toEqual([]);
  });

  test("what is declared is imported", () => {
    const rooms = [...new Set(files.map(({ room }) => room))].filter((room) => room !== "");
    const unused = rooms.flatMap((room) => {
      const declared = Object.keys(
        (readJson(`${room}/package.json`).dependencies as object | undefined) ?? {},
      );
      const imported = new Set(
        files.filter((file) => file.room === room).flatMap((file) => file.imports.map(ours)),
      );
      return declared
        .filter((name) => ours(name) !== undefined && !imported.has(ours(name)))
        .map((name) => `${room}: ${name}`);
    });
    expect(unused).toEqual([]);
  });

  test("no import goes round in a circle", () => {
    const graph = new Map(
      files.map((file) => [
        file.path,
        file.imports.filter((one) => one.startsWith(".")).map((one) => resolveImport(file.path, one)),
      ]),
    );
    const done = new Set<string>();
    const circles: string[] = [];
    const walk = (path: string, trail: readonly string[]): void => {
      if (trail.includes(path)) {
        circles.push([...trail.slice(trail.indexOf(path)), path].join(" → "));
        return;
      }
      if (done.has(path)) return;
      for (const next of graph.get(path) ?? []) walk(next, [...trail, path]);
      done.add(path);
    };
    for (const path of graph.keys()) walk(path, []);
    expect(circles).toEqual([]);
  });
});

describe("a line knows its room", () => {
  test("no folder or file is named after nothing", () => {
    const folder = /(^|\/)(utils?|common|helpers?|core|shared|misc)\//;
    const file = /(^|\/)(types|constants|index|utils?|helpers?)\.(ts|tsx)$/;
    expect(files.map(({ path }) => path).filter((path) => folder.test(path) || file.test(path))).toEqual([]);
  });

  test("actors decide: no clock, no dice, no sockets, no tables", () => {
    const effects = (file: SourceFile) => {
      if (!/^services\/[a-z-]+\/src\/actors\//.test(file.path)) return [];
      const reached = file.valueImports.filter(
        (one) =>
          /\/(store|routes|drivers|answers)\//.test(one) || /^node:(net|fs|http|child_process)/.test(one),
      );
      const touched =
        file.text.match(/\bDate\.now\(\)|\bnew Date\(\)|\bMath\.random\(\)|\bprocess\.env\b/g) ?? [];
      return [...reached, ...touched];
    };
    expect(offences(effects, product)).toEqual([]);
  });

  test("config.ts alone reads the environment of a service", () => {
    const reads = (file: SourceFile) =>
      file.room.startsWith("services/") && !/\/(config\.ts|vite\.config\.ts)$/.test(file.path)
        ? (file.text.match(/\bprocess\.env\b/g) ?? [])
        : [];
    expect(offences(reads, product)).toEqual([]);
  });

  test("a file is a page", () => {
    const linesMax = 400;
    const long = (file: SourceFile) =>
      file.text.split("\n").length > linesMax ? [`${file.text.split("\n").length} lines`] : [];
    expect(offences(long, product)).toEqual([]);
  });

  test("every service says what it hears, says and owns", () => {
    const services = new Set(
      files.filter(({ room }) => room.startsWith("services/")).map(({ room }) => room),
    );
    const silent = [...services].filter((room) => {
      const readme = join(root, room, "README.md");
      return (
        !existsSync(readme) ||
        !/hears/i.test(readFileSync(readme, "utf8")) ||
        !/owns/i.test(readFileSync(readme, "utf8"))
      );
    });
    expect(silent).toEqual([]);
  });

  test("no loose ends", () => {
    // Spelled apart, so that this line is not one.
    const loose = new RegExp(["TO" + "DO", "FIX" + "ME", "not imple" + "mented"].join("|"));
    const ends = (file: SourceFile) => (loose.test(file.text) ? ["a loose end"] : []);
    expect(offences(ends, product)).toEqual([]);
  });
});

describe("the project speaks of itself alone", () => {
  test("no host is named but those of standards, licences and the pinned release", () => {
    const known =
      /^(\d{1,3}(\.\d{1,3}){3}|localhost|\[::1\]|example\.(com|org)|[a-z.]*\.example|www\.w3\.org|id\.gs1\.org|www\.apache\.org|github\.com|json-schema\.org|docs?\.[a-z.]*|\$\{|[a-z]+\.invalid|mirror(\.test)?$|nats\.io$|www\.isthe\.com$)/;
    const hosts = (file: { path: string; text: string }) =>
      [...file.text.matchAll(/https?:\/\/([^\s"'`<>)\\/]+)/g)]
        .map((match) => match[1] ?? "")
        .filter((host) => !known.test(host));
    const texts = projectFiles()
      .filter(
        (path) =>
          /\.(ts|tsx|mjs|mts|json|md|html|css|yaml|yml|sh)$|^\.ci\/|^\.npmrc$/.test(path) &&
          path !== "package-lock.json",
      )
      .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
    expect(texts.flatMap((file) => hosts(file).map((host) => `${file.path}: ${host}`))).toEqual([]);
  });

  test("the lock file names no registry", () => {
    const lock = readFileSync(join(root, "package-lock.json"), "utf8");
    expect(lock.includes('"resolved": "http')).toBe(false);
  });

  test("versions are exact", () => {
    const manifests = projectFiles().filter((path) => path.endsWith("package.json"));
    const loose = manifests.flatMap((path) => {
      const { dependencies, devDependencies, optionalDependencies } = readJson(path) as Record<
        string,
        Record<string, string> | undefined
      >;
      return Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
        .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
        .map(([name, version]) => `${path}: ${name}@${version}`);
    });
    expect(loose).toEqual([]);
  });
});
