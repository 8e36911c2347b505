import { encodeEpc } from "@tagwire/epc";
import { newId } from "@tagwire/messages";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { adminKey, startService, type TestGateway, testGateway } from "../test-gateway.ts";

/* What a captured event names is a thing, whichever of its tags the event says and the thing carries by now; on the real operations. */

const stack = new AsyncDisposableStack();
let gateway: TestGateway;
let sites = 0;
let site = "";

const authorized = { authorization: `Bearer ${adminKey}` };
const post = async (path: string, body: unknown, status: number) => {
  const answered = await gateway.ask("POST", `/api/v1${path}`, body, authorized);
  expect(answered).toMatchObject({ status });
  return answered.body;
};

beforeAll(async () => {
  gateway = stack.use(await testGateway());
  stack.use(await startService("operations", gateway));
});
afterAll(() => stack.disposeAsync());
beforeEach(async () => {
  sites += 1;
  site = `north-${sites}`;
  await post("/sites", { id: site, name: "North", timeZone: "Europe/Berlin" }, 201);
  await post(`/sites/${site}/items`, { tag: tagOf(3), class: "chair" }, 201);
});

/** A thing of its own for each test: one EPC is on one thing of all sites. */
const serial = () => 6_788 + sites;
const pure = () => `urn:epc:id:sgtin:0614141.812345.${serial()}`;
const link = () => `https://id.gs1.org/01/80614141123458/21/${serial()}`;
const tagUri = (filter: number) => `urn:epc:tag:sgtin-96:${filter}.0614141.812345.${serial()}`;
const tagOf = (filter: number) => encodeEpc(tagUri(filter));
const observed = (epcList: readonly string[]) => ({
  ...{ type: "ObjectEvent", action: "OBSERVE", eventID: `urn:uuid:${newId()}`, epcList },
  ...{ eventTime: new Date().toISOString(), eventTimeZoneOffset: "+01:00" },
});
const captureEvent = (event: ReturnType<typeof observed>) => post(`/epcis/capture?site=${site}`, event, 202);
const capture = (epcList: readonly string[]) => captureEvent(observed(epcList));
const sightings = async (tag: string): Promise<number> => {
  const { body } = await gateway.ask(
    "GET",
    `/api/v1/sites/${site}/items/${tag}/timeline`,
    undefined,
    authorized,
  );
  return body.data.filter(({ type }: { type: string }) => type.startsWith("item.sighted")).length;
};

test("a thing that got another tag of its own name is still the one that its name means", async () => {
  await post(`/sites/${site}/items/${tagOf(3)}:retag`, { to: tagOf(1) }, 200);
  expect(await capture([pure()])).toMatchObject({ success: true });
  expect(await sightings(tagOf(1))).toBe(1);
  await post(`/sites/${site}/items/${tagOf(1)}:retag`, { to: "house-7" }, 200);
  expect(await capture([link()])).toMatchObject({ success: true });
  expect(await sightings("house-7")).toBe(1);
});

test("another tag of a thing is the thing, and nothing waits for it; one of nobody's waits", async () => {
  expect(await capture([tagUri(0)])).toMatchObject({ success: true });
  expect(await capture([`urn:epc:raw:96.x${tagOf(5)}`])).toMatchObject({ success: true });
  expect(await sightings(tagOf(3))).toBe(2);
  const stray = encodeEpc("urn:epc:tag:sgtin-96:3.0614141.812345.9");
  expect(await capture([`urn:epc:raw:96.x${stray}`])).toMatchObject({ success: true });
  const { body } = await gateway.ask("GET", `/api/v1/sites/${site}/quarantine`, undefined, authorized);
  expect(body.data.map(({ tag }: { tag: string }) => tag)).toEqual([stray]);
});

test("an event that names one thing by several names saw it once", async () => {
  expect(await capture([pure(), link(), tagUri(3)])).toMatchObject({ success: true });
  expect(await sightings(tagOf(3))).toBe(1);
});

test("an event that is captured again is answered as the first time, whatever tag its thing carries by now", async () => {
  const event = observed([pure(), link(), tagUri(3)]);
  const document = { type: "EPCISDocument", epcisBody: { eventList: [event] } };
  expect(await captureEvent(event)).toMatchObject({ success: true });
  await post(`/sites/${site}/items/${tagOf(3)}:retag`, { to: "house-7" }, 200);
  expect(await captureEvent(event)).toMatchObject({ success: true, errors: [] });
  expect(await post(`/epcis/capture?site=${site}`, document, 202)).toMatchObject({ success: true });
  expect([await sightings(tagOf(3)), await sightings("house-7")]).toEqual([1, 0]);

  const ofStray = observed(["urn:epc:tag:sgtin-96:0.0614141.812345.9"]);
  expect(await captureEvent(ofStray)).toMatchObject({ success: true });
  await post(
    `/sites/${site}/items`,
    { tag: encodeEpc("urn:epc:tag:sgtin-96:3.0614141.812345.9"), class: "chair" },
    201,
  );
  expect(await captureEvent(ofStray)).toMatchObject({ success: true, errors: [] });

  // Another event under an id that was told before is another event.
  const other = { ...event, eventTime: new Date(Date.parse(event.eventTime) - 1_000).toISOString() };
  expect(await captureEvent(other)).toMatchObject({ success: false, errors: [{ code: "id_reused" }] });
});

test("a thing whose own name was taken back with its tag is still what an event meant that was captured before", async () => {
  const tag = encodeEpc("urn:epc:tag:sgtin-96:3.0614141.812345.10");
  await post(`/sites/${site}/items`, { tag: "house-8", class: "chair" }, 201);
  await post(`/sites/${site}/items/house-8:retag`, { to: tag }, 200);
  const event = observed(["urn:epc:id:sgtin:0614141.812345.10"]);
  expect(await captureEvent(event)).toMatchObject({ success: true });
  const { data } = (
    await gateway.ask("GET", `/api/v1/sites/${site}/items/${tag}/timeline`, undefined, authorized)
  ).body;
  for (const { pos } of data) await post(`/sites/${site}/events/${pos}:undo`, {}, 200);
  expect(await captureEvent(event)).toMatchObject({ success: true, errors: [] });
});
