import { type HouseRule, offences } from "./house-rules.ts";
import { isTestSupport, ourLib, packageOf, resolveImport, type SourceFile } from "./project-tree.ts";

/** The storeys of the house: a lib imports only libs of a lower storey. */
const storeys: Readonly<Record<string, number>> = {
  messages: 0,
  epc: 0,
  digest: 0,
  llrp: 0,
  embedded: 0,
  bus: 1,
  "reader-lines": 1,
  store: 1,
  service: 1,
  actor: 2,
  audit: 2,
  emulators: 2,
  testing: 3,
};

/** Libs that serve tests and demonstrations only: no service leans on them. */
const neverInServices = new Set(["emulators", "testing", "embedded"]);

/** Declared for what they do without being named in a source: types of a package, and what npm's platform packages bring. */
const isUsedUnnamed = (name: string): boolean => name.startsWith("@types/");

const libOf = ({ room }: SourceFile): string | undefined =>
  room.startsWith("libs/") ? room.slice("libs/".length) : undefined;

const everyLibHasItsStorey: HouseRule = ({ sources }) =>
  [...new Set(sources.flatMap((file) => libOf(file) ?? []))]
    .filter((lib) => storeys[lib] === undefined)
    .map((lib) => `libs/${lib}: no storey`);

const libsLookDown: HouseRule = ({ product }) =>
  offences(product, (file) => {
    const lib = libOf(file);
    if (lib === undefined) return [];
    return file.imports.filter((specifier) => {
      const other = ourLib(specifier);
      return other !== undefined && (storeys[other] ?? Number.POSITIVE_INFINITY) >= (storeys[lib] ?? -1);
    });
  });

const servicesImportLibsOnly: HouseRule = ({ product }) =>
  offences(product, (file) =>
    file.room.startsWith("services/")
      ? file.imports.filter((specifier) => {
          const other = ourLib(specifier);
          return other !== undefined && (storeys[other] === undefined || neverInServices.has(other));
        })
      : [],
  );

const nobodyReachesOverAWall: HouseRule = ({ sources }) =>
  offences(sources, (file) =>
    file.imports.filter((specifier) =>
      specifier.startsWith(".")
        ? !resolveImport(file.path, specifier).startsWith(`${file.room}/`)
        : ourLib(specifier) !== undefined && specifier.split("/").length > 2,
    ),
  );

const testSupportStaysWithTests: HouseRule = ({ product }) =>
  offences(product, (file) =>
    file.imports.filter(
      (specifier) => specifier.startsWith(".") && isTestSupport(resolveImport(file.path, specifier)),
    ),
  );

const whatIsImportedIsDeclared: HouseRule = ({ sources, manifests }) => {
  const tools = Object.keys(manifests.find(({ room }) => room === "")?.devDependencies ?? {});
  return offences(sources, (file) => {
    const own = manifests.find(({ room }) => room === file.room);
    const declared = new Set(Object.keys({ ...own?.dependencies, ...own?.optionalDependencies }));
    // Tests may use the tools of the whole house and other libs as well.
    const forTests = new Set([...tools, ...Object.keys(own?.devDependencies ?? {})]);
    return file.imports.filter((specifier) => {
      const name = packageOf(specifier);
      if (name === undefined || declared.has(name)) return false;
      return !(file.isTest && (forTests.has(name) || ourLib(name) !== undefined));
    });
  });
};

const whatIsDeclaredIsImported: HouseRule = ({ files, manifests }) =>
  manifests
    .filter(({ room }) => room !== "")
    .flatMap(({ room, path, dependencies, devDependencies }) => {
      // Not only sources: a style sheet or a setting names packages too.
      const texts = files
        .filter((file) => file.path.startsWith(`${room}/`) && !/(package\.json|\.md)$/.test(file.path))
        .map(({ text }) => text);
      const isNamed = (name: string): boolean =>
        texts.some((text) => [`"${name}"`, `"${name}/`, `'${name}'`].some((words) => text.includes(words)));
      return Object.keys({ ...dependencies, ...devDependencies })
        .filter((name) => !isUsedUnnamed(name) && !isNamed(name))
        .map((name) => `${path}: ${name}`);
    });

const noImportGoesRound: HouseRule = ({ sources }) => {
  const graph = new Map(
    sources.map((file) => [
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
  return circles;
};

/** Who may lean on whom. */
export const importRules = {
  "every lib has its storey": everyLibHasItsStorey,
  "a lib imports only libs of a lower storey": libsLookDown,
  "services import libs only, and none that serve tests and demonstrations": servicesImportLibsOnly,
  "relative imports stay at home, and libs are entered by their front door": nobodyReachesOverAWall,
  "what serves tests stays with the tests": testSupportStaysWithTests,
  "what is imported is declared": whatIsImportedIsDeclared,
  "what is declared is imported": whatIsDeclaredIsImported,
  "no import goes round in a circle": noImportGoesRound,
} as const satisfies Record<string, HouseRule>;
