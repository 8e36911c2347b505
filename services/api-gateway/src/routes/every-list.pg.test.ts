import { Item } from "@tagwire/messages";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestGateway, testGateway } from "../test-gateway.ts";
import { itemColumns } from "./export-lists.ts";

/* Every list that is described can be taken out as a file: a new one that cannot fails here. */

type Schema = {
  readonly $ref?: string;
  readonly type?: string;
  readonly items?: Schema;
  readonly properties?: Schemas;
};
type Schemas = Readonly<Record<string, Schema>>;
type Operation = {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses?: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> }>
  >;
};

const stack = new AsyncDisposableStack();
let gets: ReadonlyMap<string, Operation>;
let shapes: Schemas;
beforeAll(async () => {
  const gateway: TestGateway = stack.use(await testGateway());
  const { body } = await gateway.ask("GET", "/openapi.json");
  shapes = (body.components as { readonly schemas: Schemas }).schemas;
  const paths = body.paths as Readonly<Record<string, { readonly get?: Operation }>>;
  gets = new Map(
    Object.entries(paths).flatMap(([path, { get }]) => (get === undefined ? [] : [[path, get] as const])),
  );
});
afterAll(() => stack.disposeAsync());

/** What answers with rows and is no list of its own, and where the rows can be taken out instead, or why nobody would. */
const noLists: Readonly<Record<string, string>> = {
  getContract: "lines and lots of one contract: contracts:export, contracts/{number}/lots:export",
  listContractEvents:
    "a part of the log, as one screen needs it: events:export names the contract of each event",
  getScanSession: "who took part in one session: sessions:export names whom it waits for",
  getReader: "the antennas of one reader: readers/antennas:export",
  listPhotos: "each row is a file itself: photos/{sha256}",
  listServicePhotos: "each row is a file itself: photos/{sha256}",
  getStockRule: "what it would do is a preview; what was sold comes out with the items",
  getTrainingField: "what lies before a training reader at this moment; a restart takes it away",
  getAlert: "the life of one alert: alerts:export",
  getAudit: "the tiers of one audit: audits:export",
  getRfidproRun: "the data sets of one pull: rfidpro/runs/{id}/manifest",
  getRfidproDifference: "the life of one difference: rfidpro/differences:export",
  getRfidproComparison: "who signed one report: the report itself, rfidpro/runs/{id}/report",
  getRfidproArchive: "with what an archive is verified: of each site one line",
  getFinding: "the evidence and life of one finding: findings:export",
  getMigration: "four gates as they are measured now; its steps are events: events:export",
  getDashboard: "classes: boards/classes:export; minutes are the last hour of a graph",
  getPrefetch: "what a device keeps, told to that device",
  getPrefetchFigures: "two arms and five sources, once a day",
  listPushSubscriptions: "the browsers of whoever asks",
};

/** Documents in the form of a standard are files themselves. */
const standard = "/api/v1/epcis/";

/** Where a list is taken out that is not where it is read. */
const elsewhere: Readonly<Record<string, string>> = {
  listWebhooks: "/api/v1/sites/{site}/webhooks:export",
  listWebhookDeliveries: "/api/v1/sites/{site}/webhooks/{id}/deliveries:export",
};

/** What a page, a poll or the choice of a site needs, and a file does not. */
const ofPages: ReadonlySet<string> = new Set(["limit", "cursor", "wait", "site"]);

/** A list of words or numbers is a member of something, and no list of things. */
const plain: ReadonlySet<string> = new Set(["string", "integer", "number", "boolean"]);

const hasRows = ({ responses = {} }: Operation): boolean => {
  const schema = responses["200"]?.content?.["application/json"]?.schema;
  const named = shapes[schema?.$ref?.replace("#/components/schemas/", "") ?? ""];
  const { properties = {} } = named ?? schema ?? {};
  return Object.values(properties).some(
    ({ type, items }) => type === "array" && !plain.has(items?.type ?? "a row by another name"),
  );
};

/** Lists that are no rows of a board, but a distribution within one. */
const nested = ["/api/v1/sites/{site}/boards/lag"];

const propertiesOf = ({ responses = {} }: Operation): Readonly<Record<string, unknown>> => {
  const schema = responses["200"]?.content?.["application/json"]?.schema;
  const named = shapes[schema?.$ref?.replace("#/components/schemas/", "") ?? ""];
  return (named ?? schema)?.properties ?? {};
};

/** What is of no position of a site's log: nobody folds it from there, and it says itself when it was said. */
const ofNoPosition: Readonly<Record<string, string>> = {
  getContract: "one thing at a version of its own, with the position of its last change",
  getScanSession: "one thing at a version of its own, with the position of its last change",
  readEvents: "the log itself: every row is a position",
  listReaders: "what the reader-gateway has at this moment; each ledger says since when",
  getReader: "what the reader-gateway has at this moment; its ledger says since when",
  listRecordings: "files of the reader-gateway, each with its instants",
  listStations: "settings, which are not folded from the log",
  getTrainingField: "what lies before a training reader at this moment",
  listAudits: "each row is of the barrier that it names",
  getAudit: "of the barrier that it names",
  listDeviceReports: "what devices said of themselves, each with its instant",
  listFindings: "what health-check found, each row with its instants and evidence",
  getFinding: "what health-check found, with its instants and evidence",
  getMigration: "gates as they are measured now: asOf is of the measure",
  listPhotos: "each is of the event that it names, with its instant",
  listServicePhotos: "each is of the event that it names, with its instant",
  getStockRule: "a setting, and what it would do at this moment",
  listRfidproDifferences: "of the pull that found them, each row with its instants",
  getRfidproDifference: "of the pull that found it, with its instants",
  listAlertRules: "settings, which are not folded from the log",
  listAlerts: "each row says of which position and instant it is",
};

test("every list and figure of a site says of which position of the log it is, and when", () => {
  const ofSites = [...gets].filter(
    ([path, operation]) =>
      path.startsWith("/api/v1/sites/{site}/") && (hasRows(operation) || nested.includes(path)),
  );
  const wanting = ofSites.flatMap(([, operation]) => {
    const { operationId } = operation;
    const members = propertiesOf(operation);
    const says = ["epoch", "pos", "asOf"].every((member) => member in members);
    if (says === (ofNoPosition[operationId] === undefined)) return [];
    return says ? [`${operationId} is excused, and says it`] : [`${operationId} does not say it`];
  });
  expect(wanting).toEqual([]);
});

const queriesOf = ({ parameters = [] }: Operation): string[] =>
  parameters.filter((one) => one.in === "query").map(({ name }) => name);

test("every list comes as a file, narrowed down by all that narrows the list down", () => {
  const withRows = [...gets].filter(([path, operation]) => !path.startsWith(standard) && hasRows(operation));
  expect(withRows.length).toBeGreaterThan(25);
  const lists = withRows.filter(([, { operationId }]) => noLists[operationId] === undefined);
  const wanting = lists.flatMap(([path, operation]) => {
    const { operationId } = operation;
    const file = gets.get(elsewhere[operationId] ?? `${path}:export`);
    if (file === undefined) return [`${operationId} cannot be taken out`];
    const filters = new Set(queriesOf(file));
    if (!filters.has("format")) return [`${operationId} comes in no format`];
    return queriesOf(operation)
      .filter((name) => !ofPages.has(name) && !filters.has(name))
      .map((name) => `${operationId} is narrowed down by ${name}, and its file is not`);
  });
  expect(wanting).toEqual([]);
  expect(nested.filter((path) => !gets.has(`${path}:export`))).toEqual([]);
});

test("what is excused is there, has rows, and cannot be taken out indeed", () => {
  const byId = new Map([...gets].map(([path, operation]) => [operation.operationId, { path, operation }]));
  for (const operationId of Object.keys(noLists)) {
    const found = byId.get(operationId);
    expect(found && hasRows(found.operation), operationId).toBe(true);
    expect(gets.has(`${found?.path}:export`), operationId).toBe(false);
  }
  for (const operationId of Object.keys(elsewhere)) expect(byId.has(operationId), operationId).toBe(true);
});

/** Members that a file has under names of its own. */
const told: Readonly<Record<string, string>> = { lastScan: "lastScanAt", lastService: "lastServiceAt" };

test("the file of items has every member of an item", () => {
  const names = new Set(itemColumns.map(({ name }) => name));
  expect(Object.keys(Item.properties).filter((member) => !names.has(told[member] ?? member))).toEqual([]);
});
