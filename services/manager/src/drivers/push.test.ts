import { expect, test } from "vitest";
import { isSignedBy, localReach, testPushService } from "../test-push-service.ts";
import { postWithin, publicReach, readEndpoint } from "./post-bytes.ts";
import { isPublicAddress } from "./public-address.ts";
import { makePushKey, openPusher } from "./push.ts";

const key = makePushKey();
const pusher = openPusher({
  key: async () => key,
  contact: "mailto:ops@example.org",
  post: postWithin(localReach),
});
const payload = {
  ...{ id: "01939f0e-5b2a-7c11-9d44-2f6f1f0b7a10", site: "north", what: "raised", alert: null },
  ...{ severity: "critical", title: "Critical: Zelte", text: "2 items are missing" },
};
const push = (
  subscription: { endpoint: string; keys: { p256dh: string; auth: string } },
  text = payload.text,
) =>
  pusher({
    target: { endpoint: subscription.endpoint, ...subscription.keys },
    payload: { ...payload, text },
    topic: payload.id,
  });

test("only the browser can open it, and the push service can see who sent it", async () => {
  await using service = await testPushService();
  await push(service.subscription);
  const [received] = service.received;
  expect(received?.payload).toEqual(payload);
  expect(received?.headers).toMatchObject({
    ...{ "content-encoding": "aes128gcm", urgency: "high", topic: payload.id.replaceAll("-", "") },
  });
  expect(isSignedBy(received?.headers ?? {}, key.publicKey, service.origin)).toBe(true);
  expect(isSignedBy(received?.headers ?? {}, makePushKey().publicKey, service.origin)).toBe(false);
});

test("a text that is too long is cut where a character ends", async () => {
  await using service = await testPushService();
  await push(service.subscription, "Zelt 🎪 ".repeat(2_000));
  const text = String(service.received[0]?.payload.text);
  expect(text.endsWith("…")).toBe(true);
  expect(Buffer.byteLength(JSON.stringify(service.received[0]?.payload))).toBeLessThanOrEqual(3_000);
  expect(text.length).toBeGreaterThan(1_000);
  expect(text.isWellFormed()).toBe(true);
});

test.each([
  { status: 404, code: "push.gone" },
  { status: 410, code: "push.gone" },
  { status: 400, code: "push.refused" },
  { status: 301, code: "push.refused" },
  { status: 429, code: "push.unreachable" },
  { status: 503, code: "push.unreachable" },
])("an answer of $status is $code", async ({ status, code }) => {
  await using service = await testPushService();
  service.answers.push(status);
  await expect(push(service.subscription)).rejects.toMatchObject({ code });
});

test("keys that are no point of the curve are refused for good, a service that is not there is tried again", async () => {
  await using service = await testPushService();
  const { endpoint, keys } = service.subscription;
  const broken = { endpoint, keys: { ...keys, p256dh: Buffer.alloc(65, 4).toString("base64url") } };
  await expect(push(broken)).rejects.toMatchObject({ code: "push.refused" });
  const away = { endpoint: "http://127.0.0.1:1/push", keys };
  await expect(push(away)).rejects.toMatchObject({ code: "push.unreachable" });
});

test.each([
  "http://push.example.com/a",
  "ftp://push.example.com/a",
  "https://user@push.example.com/a",
  "nonsense",
])("no push goes to %s", (endpoint) => {
  expect(() => readEndpoint(endpoint, publicReach)).toThrow(/push.forbidden_address/);
});

test.each(["127.0.0.1", "[::1]", "10.1.2.3", "0x7f.1", "[::ffff:7f00:1]"])("no push goes to %s", (host) => {
  expect(() => readEndpoint(`https://${host}/a`, publicReach)).toThrow(/push.forbidden_address/);
});

test("a name is as good as where it leads", async () => {
  const post = postWithin({ protocols: ["http:"], allows: isPublicAddress });
  const request = { headers: {}, body: new Uint8Array() };
  await expect(post("http://localhost:1/", request)).rejects.toMatchObject({
    code: "push.forbidden_address",
  });
  expect(["1.1.1.1", "2606:4700::1"].map(isPublicAddress)).toEqual([true, true]);
  expect(["224.0.0.1", "fe80::1", "2001:db8::1", "64:ff9b::1", "x"].map(isPublicAddress)).toEqual(
    Array.from({ length: 5 }, () => false),
  );
});
