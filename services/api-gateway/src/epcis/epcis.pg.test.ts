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

/** The members of a list, over all its pages. */
const everyMember = async (resource: string, query: string): Promise<string[]> => {
  const members: string[] = [];
  for (let path: string | undefined = `/api/v1/epcis/${resource}?${query}`; path !== undefined; ) {
    const page: Answered = await gateway.ask("GET", path);
    expect(page).toMatchObject({ status: 200, body: { type: "Collection" } });
    expect(page.headers.get("gs1-epcis-version")).toBe("2.0.0");
    members.push(...page.body.member);
    path = /^<(.+)>; rel="next"$/.exec(page.headers.get("link") ?? "")?.[1];
  }
  return members;
};

describe("a list of values", () => {
  const ours = "urn:tagwire:north";

  test("names what events have, each once, and each leads to its events", async () => {
    const { body } = await gateway.ask("GET", "/api/v1/epcis");
    for (const resource of ["eventTypes", "epcs", "bizSteps", "bizLocations", "readPoints", "dispositions"]) {
      expect(body.member).toContain(resource);
      const members = await everyMember(resource, "perPage=1");
      expect(await everyMember(resource, "site=north")).toEqual(members);
      expect(new Set(members).size).toBe(members.length);
      const found = await Promise.all(
        members.map(async (value) => {
          const path = `/api/v1/epcis/${resource}/${encodeURIComponent(value)}/events`;
          return listIn(await gateway.ask("GET", path)).length;
        }),
      );
      expect(
        found.some((count) => count > 0),
        resource,
      ).toBe(true);
    }
    expect((await everyMember("epcs", "")).toSorted()).toEqual(
      [sgtin, `${ours}:tag:CHAIR%201%2F%C3%BC`].toSorted(),
    );
    expect(await everyMember("readPoints", "")).toEqual([`${ours}:place:dock%201`]);
    expect(await everyMember("bizSteps", "")).toEqual(expect.arrayContaining(["commissioning", "departing"]));
  });

  test("refuses a token of another list, a page that is too large, and what is no parameter", async () => {
    const page = await gateway.ask("GET", "/api/v1/epcis/epcs?perPage=1");
    const link = page.headers.get("link") ?? "";
    const token = new URL(/^<(.+)>/.exec(link)?.[1] ?? "", "http://n").searchParams.get("nextPageToken");
    for (const query of [
      `/epcis/readPoints?nextPageToken=${token}`,
      "/epcis/epcs?nextPageToken=nonsense",
      "/epcis/epcs?perPage=501",
      "/epcis/epcs?perPage=0",
      "/epcis/epcs?EQ_bizStep=storing",
    ])
      expect((await gateway.ask("GET", `/api/v1${query}`)).status, query).toBe(400);
    expect((await gateway.ask("GET", "/api/v1/epcis/epcs?site=nowhere")).status).toBe(404);
  });
});

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
    ["MATCH_anyEPC=urn:epc:idpat:sgtin:0614141.*.*", 3],
    ["MATCH_epc=https://id.gs1.org/01/80614141123458/21/6789", 3],
    ["WD_readPoint=urn:tagwire:north:place:dock%25201", 4],
    ["EXISTS_tagwire:condition", 1],
    ["EQ_tagwire:condition=dirty", 1],
    ["GE_quantity=1", 0],
    ["MATCH_epcClass=urn:tagwire:north:lot:napkins", 0],
    ["EXISTS_errorDeclaration=true", 0],
    ["GE_errorDeclarationTime=2020-01-01T00:00:00Z", 0],
    ["EQ_errorReason=did_not_occur", 0],
    ["EQ_correctiveEventID=urn:uuid:1", 0],
    ["EQ_persistentDisposition_set=completeness_verified", 0],
    ["EQ_transformationID=urn:x:y", 0],
    ["EXISTS_sensorElementList&eventType=ObjectEvent", 0],
    ["GE_value_CEL=20&maxEventCount=1", 0],
    ["EQ_source_owning_party=urn:x:y", 0],
    ["HASATTR_bizLocation=city", 0],
    ["EQ_example:colour=red", 0],
  ])("asked for %s finds %i", async (query, count) => {
    const answered = await gateway.ask("GET", `${events}?${query}`);
    expect(answered).toMatchObject({ status: 200, body: { type: "EPCISQueryDocument" } });
    expect(listIn(answered)).toHaveLength(count);
    expect(answered.headers.get("link")).toBeNull();
  });

  test.each([
    ["EQ_color=red", 400, "epcis_parameter_unknown", "QueryParameterException"],
    ["eventType=Event", 400, "malformed", "QueryParameterException"],
    ["GE_value_CEL=warm", 400, "malformed", "QueryParameterException"],
    ["orderBy=EQ_tagwire:status", 400, "malformed", "QueryParameterException"],
    ["nextPageToken=abc", 400, "malformed", "QueryParameterException"],
    ["MATCH_parentID=urn:x:y&nextPageToken=abc", 400, "malformed", "QueryParameterException"],
    ["maxEventCount=1", 413, "too_large", "QueryTooLargeException"],
    ["site=nowhere", 404, "site_unknown", "NoSuchResourceException"],
    ["site=NORTH", 400, "malformed", "QueryParameterException"],
  ])("%s is answered %i %s, in the standard's words %s", async (query, status, code, exception) => {
    const answered = await gateway.ask("GET", `${events}?${query}`);
    expect(answered).toMatchObject({
      status,
      body: { code, status, type: `epcisException:${exception}`, traceId: expect.any(String) },
    });
    expect(answered.headers.get("content-type")).toBe("application/problem+json");
  });

  test("can be asked by what stands in the path, with everything else beside it", async () => {
    const { body } = await gateway.ask("GET", "/api/v1/epcis");
    expect(body).toMatchObject({
      type: "Collection",
      member: expect.arrayContaining(["epcs", "readPoints"]),
    });
    const dock = encodeURIComponent("urn:tagwire:north:place:dock%201");
    for (const [path, query] of [
      ["eventTypes/TransactionEvent", "eventType=TransactionEvent"],
      [`epcs/${encodeURIComponent(sgtin)}`, `MATCH_anyEPC=${sgtin}`],
      ["bizSteps/departing", "EQ_bizStep=departing"],
      [`readPoints/${dock}`, `EQ_readPoint=${dock}`],
      ["dispositions/in_transit", "EQ_disposition=in_transit"],
    ]) {
      const found = listIn(await gateway.ask("GET", `/api/v1/epcis/${path}/events`));
      expect(found.length).toBeGreaterThan(0);
      expect(found).toEqual(listIn(await gateway.ask("GET", `${events}?${query}`)));
    }
    expect(listIn(await gateway.ask("GET", "/api/v1/epcis/bizLocations/urn:x:y/events"))).toEqual([]);
    const first = await gateway.ask(
      "GET",
      "/api/v1/epcis/eventTypes/TransactionEvent/events?perPage=2&EQ_action=ADD|DELETE",
    );
    const next = /^<(.+)>; rel="next"$/.exec(first.headers.get("link") ?? "")?.[1] ?? "";
    expect(next).toContain("/epcis/eventTypes/TransactionEvent/events?");
    const all = [...listIn(first), ...listIn(await gateway.ask("GET", next))];
    expect(all).toEqual(listIn(await gateway.ask("GET", `${events}?eventType=TransactionEvent`)));
  });

  test.each([
    ["eventTypes/Event/events", 400, "malformed"],
    ["eventTypes/ObjectEvent/events?eventType=ObjectEvent", 400, "malformed"],
    ["bizSteps/departing/events?EQ_color=red", 400, "epcis_parameter_unknown"],
    ["colors/red/events", 404, "not_found"],
  ])("%s is answered %i %s", async (path, status, code) => {
    expect(await gateway.ask("GET", `/api/v1/epcis/${path}`)).toMatchObject({ status, body: { code } });
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
    expect(await gateway.ask("GET", events, undefined, {})).toMatchObject({
      status: 401,
      body: { type: "epcisException:SecurityException", code: "unauthenticated" },
    });
  });
});

test("one event is found by its id, in a document of its own as the standard has it", async () => {
  const [event] = listIn(await gateway.ask("GET", events));
  const found = await gateway.ask("GET", `${events}/${encodeURIComponent(event.eventID)}`);
  expect(found).toMatchObject({ status: 200, body: { type: "EPCISQueryDocument" } });
  expect(listIn(found)).toEqual([event]);
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
    expect(withdrawn.body.errors[0]).toMatchObject({ type: "epcisException:ValidationException" });
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

  test("that the site would refuse a part of leaves nothing, unless it is told to proceed", async () => {
    const taken = observed({ eventTime: minutesAgo(5), epcList: [sgtin] });
    await post(capture, taken, 202);
    const before = await timeline(sgtinTag);
    const chair = "CHAIR 1/ü";
    const chairBefore = await timeline(chair);
    const good = observed({
      eventTime: minutesAgo(4),
      epcList: ["urn:tagwire:north:tag:CHAIR%201%2F%C3%BC"],
    });
    const body = documentOf([good, { ...taken, eventTime: minutesAgo(3) }]);
    const errors = [{ code: "id_reused", pointer: "/epcisBody/eventList/1/epcList/0" }];

    const withdrawn = await post(capture, body, 202);
    expect(withdrawn.body).toMatchObject({ success: false, captureErrorBehaviour: "rollback", errors });
    expect(await timeline(chair)).toEqual(chairBefore);
    expect(await timeline(sgtinTag)).toEqual(before);

    const partly = await post(capture, body, 202, proceed);
    expect(partly.body).toMatchObject({ success: false, captureErrorBehaviour: "proceed", errors });
    expect(await timeline(chair)).toHaveLength(chairBefore.length + 1);
    const whole = await post(capture, documentOf([good]), 202);
    expect(whole.body).toMatchObject({ success: true });
    expect(await timeline(chair)).toHaveLength(chairBefore.length + 1);
  });

  test("takes what was queried elsewhere as it came", async () => {
    const event = observed({ eventTime: minutesAgo(2), epcList: [sgtin] });
    const document = {
      ...documentOf([]),
      type: "EPCISQueryDocument",
      epcisBody: { queryResults: { queryName: "SimpleEventQuery", resultsBody: { eventList: [event, 1] } } },
    };
    const before = await timeline(sgtinTag);
    const taken = await post(capture, document, 202, proceed);
    expect(taken.body).toMatchObject({
      success: false,
      errors: [{ pointer: "/epcisBody/queryResults/resultsBody/eventList/1" }],
    });
    expect(await timeline(sgtinTag)).toHaveLength(before.length + 1);
  });

  test("is one of a list of jobs, newest first, page by page", async () => {
    const newest = await post(capture, observed({ eventTime: minutesAgo(1) }), 202);
    const jobs: { captureID: string; createdAt: string }[] = [];
    for (let path: string | undefined = `${capture}?perPage=2`; path !== undefined; ) {
      const page: Answered = await gateway.ask("GET", path);
      expect(page.status).toBe(200);
      expect(page.body.length).toBeLessThanOrEqual(2);
      jobs.push(...page.body);
      path = /^<(.+)>; rel="next"$/.exec(page.headers.get("link") ?? "")?.[1];
    }
    expect(jobs[0]).toEqual(newest.body);
    expect(jobs.length).toBeGreaterThan(5);
    expect(jobs).toEqual(jobs.toSorted((one, other) => other.createdAt.localeCompare(one.createdAt)));
    expect(new Set(jobs.map(({ captureID }) => captureID)).size).toBe(jobs.length);
    expect(await gateway.ask("GET", `${capture}?nextPageToken=abc`)).toMatchObject({
      status: 400,
      body: { type: "epcisException:ValidationException", errors: [{ pointer: "/nextPageToken" }] },
    });
    const one = await gateway.ask("GET", `${capture}/${newest.body.captureID}`);
    expect(one.headers.get("gs1-capture-error-behaviour")).toBe("rollback");
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
    const exception = status === 413 ? "CaptureLimitExceededException" : "ValidationException";
    expect((await post(capture, body, status)).body).toMatchObject({
      code,
      type: `epcisException:${exception}`,
    });
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
