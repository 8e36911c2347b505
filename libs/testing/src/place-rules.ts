import { type HouseRule, offences } from "./house-rules.ts";
import type { SourceFile } from "./project-tree.ts";

const topLevelFiles = new Set([
  ...["package.json", "package-lock.json", "tsconfig.json", "Tiltfile", "README.md", "LICENSE"],
  ...[".biome.json", ".dockerignore", ".gitattributes", ".gitignore", ".npmrc", ".tiltignore"],
]);
const topLevelFolders = new Set(["services", "libs", "deploy", "k8s", ".ci"]);

const deployFiles = new Set(["Dockerfile", "compose.yaml", "README.md"]);
const deployFolders = new Set([
  ...["acceptance", "bench", "cluster", "local"],
  ...["grafana", "nats", "otel", "prometheus", "runbooks"],
]);

const isInPlace = (path: string): boolean => {
  const [top = "", second = "", ...deeper] = path.split("/");
  if (second === "") return topLevelFiles.has(top);
  if (!topLevelFolders.has(top)) return false;
  if (top === "libs" || top === "services") return deeper.length > 0;
  if (top !== "deploy") return true;
  return deeper.length === 0 ? deployFiles.has(second) : deployFolders.has(second);
};

const nothingStrayStandsAround: HouseRule = ({ files }) =>
  files.filter(({ path }) => !isInPlace(path)).map(({ path }) => `${path}: no such place`);

const namedAfterNothing =
  /(^|\/)(utils?|common|helpers?|core|shared|misc)\/|(^|\/)((types|constants|utils?|helpers?|common|misc)\.[^/]+|index\.(ts|tsx|mts|mjs|js))$/i;

const noNameSaysNothing: HouseRule = ({ files }) =>
  files.filter(({ path }) => namedAfterNothing.test(path)).map(({ path }) => `${path}: named after nothing`);

/** What an actor may take from Node: what gives the same for the same. */
const pureOfNode = /^node:(assert|buffer|crypto|util)(\/|$)/;
const purePackages = /^(@tagwire\/(messages|digest|epc|actor)|typebox(\/[a-z]+)?)$/;
const effects = [
  /\bDate\.now\b/g,
  /\bnew Date\(\s*\)/g,
  /(?<!new )\bDate\(/g,
  /\bperformance\.\w+/g,
  /\bMath\.random\b/g,
  /\b(randomUUID|randomBytes|randomInt|getRandomValues|newId|uuidv7)\b/g,
  /\b(setTimeout|setInterval|setImmediate|queueMicrotask)\b/g,
  /\bfetch\(/g,
  /\bnew (WebSocket|EventSource|XMLHttpRequest|Worker)\b/g,
  /\bprocess\.\w+/g,
];

const isActor = ({ path }: SourceFile): boolean => /^services\/[a-z-]+\/src\/actors\//.test(path);

/** Words in comments do nothing. */
const codeOf = (text: string): string => text.replaceAll(/\/\*[\s\S]*?\*\/|(^|\s)\/\/.*/g, "");

const actorsDecide: HouseRule = ({ product }) =>
  offences(product.filter(isActor), (file) => {
    const reached = file.valueImports.filter((specifier) =>
      specifier.startsWith(".")
        ? /\/(store|routes|drivers|answers)\//.test(specifier)
        : !pureOfNode.test(specifier) && !purePackages.test(specifier),
    );
    const code = codeOf(file.text);
    return [...reached, ...effects.flatMap((effect) => code.match(effect) ?? [])];
  });

const configAloneReadsTheEnvironment: HouseRule = ({ product }) =>
  offences(product, (file) =>
    file.room.startsWith("services/") && !/\/(config\.ts|vite\.config\.ts)$/.test(file.path)
      ? (file.text.match(/\bprocess\.env\b/g) ?? [])
      : [],
  );

const linesMax = 400;

const aFileIsAPage: HouseRule = ({ product }) =>
  offences(product, ({ text }) => {
    const lines = text.split("\n").length;
    return lines > linesMax ? [`${lines} lines`] : [];
  });

const everyServiceIntroducesItself: HouseRule = ({ files, sources }) => {
  const services = new Set(sources.map(({ room }) => room).filter((room) => room.startsWith("services/")));
  return [...services].flatMap((room) => {
    const readme = files.find(({ path }) => path === `${room}/README.md`)?.text ?? "";
    return ["hears", "says", "owns"]
      .filter((word) => !new RegExp(`\\b${word}\\b`, "i").test(readme))
      .map((word) => `${room}/README.md: does not say what it ${word}`);
  });
};

// Spelled apart, so that this line is not one.
const looseEnd = new RegExp(["TO" + "DO", "FIX" + "ME", "not imple" + "mented"].join("|"));

const noLooseEnds: HouseRule = ({ product }) =>
  offences(product, ({ text }) => (looseEnd.test(text) ? ["a loose end"] : []));

/** Where things stand, and that a line knows its room. */
export const placeRules = {
  "nothing stray stands around": nothingStrayStandsAround,
  "no folder or file is named after nothing": noNameSaysNothing,
  "actors decide: no clock, no dice, no sockets, no tables": actorsDecide,
  "config.ts alone reads the environment of a service": configAloneReadsTheEnvironment,
  "a file is a page": aFileIsAPage,
  "every service says what it hears, says and owns": everyServiceIntroducesItself,
  "no loose ends": noLooseEnds,
} as const satisfies Record<string, HouseRule>;
