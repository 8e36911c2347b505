import { encodeEpc } from "@tagwire/epc";
import { newId } from "@tagwire/messages";
import { epcisOffences, epcisSchema } from "@tagwire/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answered, adminKey, startService, type TestGateway, testGateway } from "../test-gateway.ts";

/* EPCIS over HTTP, in front of the real operations. */

const stack = new AsyncDisposableStack();
let gateway: TestGateway;
const schema = await epcisSchema();
const judged = schema === undefined ? " (GS1's schema is not here, so only our own rules judged it)" : "";

const sgtin = "urn:epc:id:sgtin:0614141.812345.6789";
const sgtinTag = encodeEpc("urn:epc:tag:sgtin-96:3.0614141.812345.6789");
const events = "/api/v1/epcis/events";
const capture = "/api/v1/epcis/capture";
const north = "/api/v1/sites/north";

const post = async (path: string, body: unknown, status: number, headers: Record<string, string> = {}) => {
  const answered = await gateway.ask("POST", path, body, { ...authorized(), ...headers });
  expect(answered).toMatchObject({ status });
  return answered;
};
const authorized = () => ({ authorization: `Bearer ${adminKey}` });

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
const listIn = ({ body }: Answered) => body.epcisBody.queryResults.resultsBody.eventList;

beforeAll(async () => {
  gateway = stack.use(await testGateway());
  stack.use(await startService("operations", gateway));
  await post("/api/v1/sites", { id: "north", name: "North", timeZone: "Europe/Berlin" }, 201);
  for (const tag of ["CHAIR 1/ü", sgtinTag]) await post(`${north}/items`, { tag, class: "chair" }, 201);
  const scan = (tag: string, type: string, minutes: number, more: object = {}) => ({
    ...{ id: newId(), tag, type, scannedAt: minutesAgo(minutes), place: "dock 1" },
    ...more,
  });
  await post(
    `${north}/scans`,
    {
      scans: [
        scan("CHAIR 1/ü", "rental", 50, { contract: "R-1" }),
        scan(sgtinTag, "rental", 49, { contract: "R-1" }),
        scan("CHAIR 1/ü", "return", 20, { condition: { dirty: true } }),
        scan(sgtinTag, "touch", 19),
      ],
    },
    200,
  );
});
afterAll(() => stack.disposeAsync());

/** Follows the Link headers to the end. */
const everyPage = async (query: string): Promise<Answered[]> => {
  const pages: Answered[] = [];
  for (let path: string | undefined = `${events}?${query}`; path !== undefined; ) {
    const page: Answered = await gateway.ask("GET", path);
    expect(page.status).toBe(200);
    pages.push(page);
    path = /^<(.+)>; rel="next"$/.exec(page.headers.get("link") ?? "")?.[1];
  }
  return pages;
};

describe("a query", () => {
  test(`is answered with a document as the standard has it${judged}`, async () => {
    const answered = await gateway.ask("GET", events);
    expect(answered).toMatchObject({
      status: 200,
      body: { type: "EPCISQueryDocument", schemaVersion: "2.0" },
    });
    expect(answered.headers.get("gs1-epcis-version")).toBe("2.0.0");
    expect(answered.headers.get("link")).toBeNull();
    expect(listIn(answered)).toHaveLength(6);
    expect(epcisOffences(answered.body)).toEqual([]);
    expect(schema?.(answered.body) ?? []).toEqual([]);
  });

  test("leads from page to page, with its filters, until nothing is left", async () => {
    const whole = listIn(await gateway.ask("GET", `${events}?orderBy=eventTime`));
    const pages = await everyPage("orderBy=eventTime&perPage=2&site=north");
    expect(pages.flatMap(listIn)).toEqual(whole);
    expect(pages.map((page) => listIn(page).length)).toEqual([2, 2, 2]);
    const chosen = await everyPage(
      `perPage=1&MATCH_epc=${encodeURIComponent(sgtin)}&EQ_action=OBSERVE%7CADD`,
    );
    expect(chosen.flatMap(listIn)).toEqual(listIn(await gateway.ask("GET", `${events}?MATCH_epc=${sgtin}`)));
    expect(chosen.flatMap(listIn)).toHaveLength(3);
  });

  test("holds every filter that it names", async () => {
    const contract = encodeURIComponent("urn:tagwire:north:contract:R-1");
    const wanted = `eventType=TransactionEvent&EQ_action=DELETE&EQ_bizTransaction_urn:tagwire:btt:contract=${contract}`;
    expect(listIn(await gateway.ask("GET", `${events}?${wanted}`))).toMatchObject([
      {
        bizStep: "receiving",
        disposition: "returned",
        epcList: ["urn:tagwire:north:tag:CHAIR%201%2F%C3%BC"],
      },
    ]);
    expect(
      listIn(await gateway.ask("GET", `${events}?GE_eventTime=${minutesAgo(30)}&EQ_bizStep=departing`)),
    ).toEqual([]);
  });

  test("tells no more events than it was limited to, and is refused when there are more than it may have", async () => {
    const limited = await everyPage("orderBy=eventTime&eventCountLimit=3&perPage=2");
    expect(limited.map((page) => listIn(page).length)).toEqual([2, 1]);
    expect(listIn(await gateway.ask("GET", `${events}?maxEventCount=6&perPage=4`))).toHaveLength(4);
    expect(await gateway.ask("GET", `${events}?maxEventCount=5`)).toMatchObject({
      status: 413,
      body: { code: "too_large" },
    });
  });

  test.each([
    ["EQ_color=red", 400, "epcis_parameter_unknown"],
    ["eventType=Event", 400, "malformed"],
    ["nextPageToken=abc", 400, "malformed"],
    ["site=nowhere", 404, "site_unknown"],
    ["site=NORTH", 400, "malformed"],
  ])("%s is answered %i %s", async (query, status, code) => {
    expect(await gateway.ask("GET", `${events}?${query}`)).toMatchObject({ status, body: { code } });
  });

  test("a token is of its own query alone", async () => {
    const [first] = await everyPage("perPage=4");
    const token = /nextPageToken=([^&>]+)/.exec(first?.headers.get("link") ?? "")?.[1];
    expect(
      await gateway.ask("GET", `${events}?perPage=4&EQ_action=ADD&nextPageToken=${token}`),
    ).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: "/nextPageToken" }] },
    });
  });

  test("needs a credential", async () => {
    expect(await gateway.ask("GET", events, undefined, {})).toMatchObject({ status: 401 });
  });
});

test("one event is found by its id, and stands alone", async () => {
  const [event] = listIn(await gateway.ask("GET", events));
  const found = await gateway.ask("GET", `${events}/${encodeURIComponent(event.eventID)}`);
  expect(found).toMatchObject({ status: 200, body: event });
  expect(epcisOffences(found.body)).toEqual([]);
  expect(schema?.(found.body) ?? []).toEqual([]);
  for (const id of [newId(), `ni:///sha-256;${"0".repeat(64)}?ver=CBV2.0`, "%00"])
    expect(await gateway.ask("GET", `${events}/${encodeURIComponent(id)}`)).toMatchObject({
      status: 404,
      body: { code: "not_found" },
    });
});

describe("a capture", () => {
  const observed = (more: object = {}) => ({
    type: "ObjectEvent",
    eventID: `urn:uuid:${newId()}`,
    action: "OBSERVE",
    eventTime: minutesAgo(10),
    eventTimeZoneOffset: "+01:00",
    epcList: [sgtin, "urn:tagwire:north:tag:CHAIR%201%2F%C3%BC"],
    bizStep: "stock_taking",
    readPoint: { id: "urn:tagwire:north:place:hall" },
    ...more,
  });
  const documentOf = (eventList: unknown[]) => ({
    "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
    type: "EPCISDocument",
    schemaVersion: "2.0",
    creationDate: minutesAgo(1),
    epcisBody: { eventList },
  });
  const timeline = async (tag: string) =>
    (await gateway.ask("GET", `${north}/items/${encodeURIComponent(tag)}/timeline`)).body.data;
  const proceed = { "gs1-capture-error-behaviour": "proceed" };

  test("becomes scans, answered with a job that can be asked for", async () => {
    const event = observed();
    const taken = await post(`${capture}?site=north`, documentOf([event]), 202);
    expect(taken.body).toMatchObject({
      running: false,
      success: true,
      captureErrorBehaviour: "rollback",
      errors: [],
    });
    expect(taken.headers.get("gs1-epcis-capture-limit")).toBe("1000");
    expect(taken.headers.get("gs1-epcis-capture-file-size-limit")).toBe(String(2 ** 20));
    expect(await gateway.ask("GET", taken.headers.get("location") ?? "")).toMatchObject({
      status: 200,
      body: taken.body,
    });

    const [row] = await timeline(sgtinTag);
    expect(row).toMatchObject({
      type: "item.sighted.v1",
      place: "hall",
      by: { device: "admin" },
      data: { scan: { type: "count" } },
    });
    expect(Date.parse(row.scannedAt)).toBe(Date.parse(event.eventTime));
    const [told] = listIn(await gateway.ask("GET", `${events}?MATCH_epc=${sgtin}&EQ_bizStep=stock_taking`));
    expect(told).toMatchObject({
      bizStep: "stock_taking",
      eventTimeZoneOffset: "+01:00",
      readPoint: event.readPoint,
    });
    expect(Date.parse(told.eventTime)).toBe(Date.parse(event.eventTime));
  });

  test("that is repeated is the same scans, also as a single event and as JSON-LD", async () => {
    const event = observed({ eventTime: minutesAgo(9) });
    await post(capture, documentOf([event]), 202);
    const before = await timeline(sgtinTag);
    await post(capture, documentOf([event, event]), 202);
    const again = await post(capture, JSON.stringify(event), 202, { "content-type": "application/ld+json" });
    expect(again.body).toMatchObject({ success: true });
    expect(await timeline(sgtinTag)).toEqual(before);
  });

  test("of which a part is refused leaves nothing, unless it is told to proceed", async () => {
    const good = observed({ eventTime: minutesAgo(8) });
    const unknown = observed({ epcList: ["urn:epc:id:sgtin:0614141.812345.1"] });
    const body = documentOf([observed({ action: "ADD" }), good, unknown, "event"]);
    const errors = [
      { code: "epcis_event_unsupported", pointer: "/epcisBody/eventList/0/action" },
      { code: "epcis_event_malformed", pointer: "/epcisBody/eventList/3" },
      { code: "tag_unknown", pointer: "/epcisBody/eventList/2/epcList/0" },
    ];
    const before = await timeline(sgtinTag);
    const withdrawn = await post(capture, body, 202);
    expect(withdrawn.body).toMatchObject({ success: false, captureErrorBehaviour: "rollback" });
    expect(withdrawn.body.errors).toHaveLength(3);
    expect(withdrawn.body.errors).toEqual(
      expect.arrayContaining(errors.map((error) => expect.objectContaining(error))),
    );
    expect(await timeline(sgtinTag)).toEqual(before);

    const partly = await post(capture, body, 202, proceed);
    expect(partly.body).toMatchObject({ success: false, captureErrorBehaviour: "proceed" });
    expect(partly.body.errors).toHaveLength(3);
    expect(await timeline(sgtinTag)).toHaveLength(before.length + 1);
  });

  test("tells what the site refused of it", async () => {
    const event = observed({ eventTime: minutesAgo(7) });
    await post(capture, event, 202);
    const other = await post(capture, { ...event, bizStep: "storing" }, 202);
    expect(other.body).toMatchObject({
      success: false,
      errors: [
        { code: "id_reused", pointer: "/epcList/0" },
        { code: "id_reused", pointer: "/epcList/1" },
      ],
    });
  });

  test("of a tag nobody knows yet waits for it", async () => {
    const event = observed({ epcList: ["urn:tagwire:north:tag:LATER"], eventTime: minutesAgo(6) });
    expect((await post(capture, event, 202)).body).toMatchObject({ success: true });
    await post(`${north}/items`, { tag: "LATER", class: "chair" }, 201);
    expect(await timeline("LATER")).toMatchObject([{ place: "hall", flags: ["from_quarantine"] }, {}, {}]);
  });

  test.each<[string, unknown, number, string]>([
    ["another document", { type: "EPCISQueryDocument" }, 400, "malformed"],
    ["a document without events", { type: "EPCISDocument", epcisBody: {} }, 400, "malformed"],
    ["a list", [], 400, "malformed"],
    ["too many events", documentOf(Array.from({ length: 1_001 }, () => ({}))), 413, "too_large"],
    [
      "too many things",
      documentOf(
        Array.from({ length: 11 }, () =>
          observed({ epcList: Array.from({ length: 500 }, (_, index) => `urn:tagwire:north:tag:${index}`) }),
        ),
      ),
      413,
      "too_large",
    ],
    ["too many bytes", { type: "ObjectEvent", x: "x".repeat(2 ** 20) }, 413, "too_large"],
  ])("of %s is refused as a whole", async (_, body, status, code) => {
    expect((await post(capture, body, status)).body).toMatchObject({ code });
  });

  test("with another error behaviour than the two is refused", async () => {
    await post(capture, observed(), 400, { "gs1-capture-error-behaviour": "ignore" });
  });

  test("of nobody is not found", async () => {
    expect(await gateway.ask("GET", `${capture}/${newId()}`)).toMatchObject({
      status: 404,
      body: { code: "not_found" },
    });
  });
});

test("where there are several sites, the one that is meant has to be named", async () => {
  await post("/api/v1/sites", { id: "south", name: "South", timeZone: "Europe/Rome" }, 201);
  for (const path of [events, `${events}/x`])
    expect(await gateway.ask("GET", path)).toMatchObject({ status: 400, body: { code: "site_required" } });
  await post(capture, { type: "EPCISDocument" }, 400);
  const own = await gateway.ask("GET", `${events}?site=south`);
  expect(listIn(own)).toEqual([]);
  expect(schema?.(own.body) ?? []).toEqual([]);
});
