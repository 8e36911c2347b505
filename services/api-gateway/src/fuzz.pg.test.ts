import { connect } from "node:net";
import { newId } from "@tagwire/messages";
import { expect, test } from "vitest";
import { adminKey, startService, testGateway } from "./test-gateway.ts";
test("fuzz", async () => {
  await using g = await testGateway();
  await using o = await startService("operations", g);
  await using m = await startService("manager", g);
  await using r = await startService("reader-gateway", g);
  const seen: string[] = [];
  const a = async (me: string, p: string, b?: unknown, h: Record<string,string> = {}) => { const x = await g.ask(me, p, b, { authorization: `Bearer ${adminKey}`, ...h }).catch((e) => ({ status: 999, text: String(e.cause ?? e) })); seen.push(`${x.status} ${me} ${p.slice(0, 90)} ${JSON.stringify(b ?? null).slice(0, 120)} ${JSON.stringify(h).slice(0,80)} => ${x.status >= 500 ? x.text : x.text.slice(0, 160)}`); return x; };
  await a("POST", "/api/v1/sites", { id: "north", name: "N", timeZone: "Europe/Berlin" });
  const n = "/api/v1/sites/north";
  await a("POST", `${n}/items`, { tag: "t", class: "c" });
  const scan = (x: object) => ({ id: newId(), tag: "t", type: "touch", scannedAt: new Date().toISOString(), ...x });
  for (const at of ["0000-01-01T00:00:00Z", "9999-12-31T23:59:60Z", "2026-02-30T00:00:00Z", "2026-03-02t07:15:00z", "2026-03-02T07:15:00+23:59", "2026-03-02T07:15:00-23:59","9999-12-31T23:59:59-23:59","0000-01-01T00:00:00+23:59", "2016-12-31T23:59:60Z", "2026-03-02T07:15:00.123456789012Z", "2026-03-02T24:00:00Z", "", "1", "2026-03-02T07:15:00Z[Europe/Berlin]", "+012026-03-02T07:15:00Z", "-000001-03-02T07:15:00Z"])
    await a("POST", `${n}/scans`, { scans: [scan({ scannedAt: at })] });
  for (const x of [{ condition: { other: "\u0007" } }, { condition: { constructor: true } }, { contract: "\u2028" }, { place: " x " }, { tag: "" }, { tag: " " }, { type: "rental" }, { type: "service" }, { type: "service", status: "sold" }, { force: true }, { type: "rental", contract: "x".repeat(41) }, { notes: "x".repeat(2001) }, { id: "00000000-0000-0000-0000-000000000000" }, { session: "x" }, { tag: "💺".repeat(64) }, { tag: "x".repeat(1025) }])
    await a("POST", `${n}/scans`, { scans: [scan(x)] });
  for (const b of ["null", "1", '"x"', "[]", "[".repeat(100000), '{"a":'.repeat(50000), "{}", '{"scans":null}', '{"scans":{}}', '{"scans":[null]}', '{"scans":[[]]}', "\ufeff{}", "{\"scans\":[1e999]}", "\u0000"]) {
    await a("POST", `${n}/scans`, b); await a("POST", `${n}/items`, b); await a("PATCH", `${n}/items/t`, b, { "if-match": "*" }); await a("POST", `/api/v1/session`, b); await a("POST", `${n}/readers`, b); await a("POST", "/api/v1/sites", b); await a("POST", "/api/v1/keys", b);
  }
  for (const q of ["limit=1&limit=2", "limit=10.5", "limit=NaN", "limit=1e2", "limit=0", "limit=-1", "limit=", "limit=Infinity", "status=ready&status=wash", "status=", "status=,,,", "class=", "place=", "q=", "q=%25_%5C", "q=%ff", "cursor=", "cursor=..", "cursor=%F0%9F", "place=" + "x".repeat(65), "constructor=1", "__proto__[x]=1", "limit[]=1", "q=%00"]) { await a("GET", `${n}/items?${q}`); await a("GET", `${n}/items/t/timeline?${q}`); }
  for (const q of ["after=999999999999999:999999999999999", "after=1:999999999999999", "after=0:5", "after=1:", "after=-1:0", "after=1:1&after=1:2", "limit=1001", "wait=-1", "wait=abc", "wait=0.01", "wait=1e-9&after=1:2"]) await a("GET", `${n}/events?${q}`);
  for (const im of ["", " ", "*", "v1", '"v1', '"v999999999999999"', '"v99999999999999999999"', '"v1", "v2"', "W/*", "é"]) await a("PATCH", `${n}/items/t`, { notes: "x" }, im === "é" ? {} : { "if-match": im });
  for (const b of [{ status: null }, { quality: "Z" }, { quality: null }, { place: null }, { notes: null }, { status: "delivered" }, { status: "provisioned" }, { place: "" }, { notes: "" }, { version: 1 }]) await a("PATCH", `${n}/items/t`, b, { "if-match": "*" });
  for (const h of [{ traceparent: "x" }, { traceparent: `00-${"0".repeat(32)}-${"0".repeat(16)}-01` }, { accept: "text/html" }, { "content-type": "application/json; charset=latin1" }, { "content-type": "" }, { "content-type": "multipart/form-data" }, { "content-encoding": "gzip" }, { cookie: "tagwire_session=%00; a=b;;;" }, { cookie: "__proto__=1; constructor=2" }, { "x-forwarded-host": "evil", "x-forwarded-proto": "https" }, { range: "bytes=0-1" }, { "x-http-method-override": "DELETE" }, {"idempotency-key": newId().toUpperCase()}]) { await a("GET", `${n}/items`, undefined, h as never); await a("POST", `${n}/items`, { tag: newId(), class: "c" }, h as never); }
  for (const p of ["//", "/%2e%2e/", "/api/v1//sites", "/api/v1/sites/", "/api/v1/sites/%00", "/api/v1/sites/north%2Fitems", `/api/v1/sites/${"x".repeat(2000)}`, `${n}/items/${"x".repeat(2000)}`, `${n}/items/%00`, `${n}/items/%F0`, `${n}/items/.`, `${n}/items/%2e%2e`, `${n}/items/`, `${n}/scans/__proto__`, `${n}/readers/__proto__`, `${n}/readers/constructor`, "/problems/__proto__", "/problems/constructor", "/problems/toString", `/api/v1/keys/__proto__`, "/docs/../x", "/docs/static/..%2f..%2fpackage.json", "/openapi.json?x=1", "/?a=%zz", "/api/v1/live/events?site=north&view=__proto__", "/api/v1/live?x"]) for (const me of ["GET", "DELETE", "OPTIONS", "PUT"]) await a(me, p);
  for (const b of [{ id: "r1", driver: "llrp", address: " ", antennas: [] }, { id: "r2", driver: "m100", address: "/dev/null?baud=x", antennas: [] }, { id: "r3", driver: "llrp", address: "host:99999", antennas: [{ port: 1 }, { port: 1 }] }, { id: "r4", driver: "llrp", address: "[::1", antennas: [] }, { id: "__proto__", driver: "llrp", address: "127.0.0.1:1", antennas: [] }, { id: "constructor", driver: "m100", address: "/etc/passwd", antennas: [] }]) { await a("POST", `${n}/readers`, b); await a("PATCH", `${n}/readers/${b.id}`, { address: b.address }); await a("DELETE", `${n}/readers/${b.id}`); }
  for (const b of [{ id: "x", name: "x", timeZone: "Mars/Olympus" }, { id: "", name: "x", timeZone: "UTC" }, { id: "a.b", name: "x", timeZone: "UTC" }, { id: "-", name: "__proto__", timeZone: "UTC" }, { id: "z", name: "x", timeZone: "+01:00" }, { id: "y", name: "x", timeZone: "utc" }]) await a("POST", "/api/v1/sites", b);
  const raw = (t: string) => new Promise<string>((res) => { const s = connect(Number(new URL(g.url).port), "127.0.0.1"); let d = ""; s.on("data", (c) => { d += c; }); s.on("close", () => res(d)); s.on("error", (e) => res(String(e))); s.write(t); setTimeout(() => s.end(), 300); });
  for (const t of ["GET / HTTP/1.0\r\n\r\n", "GET /api/v1/sites HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "BLAH\r\n\r\n", `GET / HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(20000)}\r\n\r\n`, `POST /api/v1/session HTTP/1.0\r\norigin: http://x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}`, `GET /api/v1/sites HTTP/1.1\r\nhost: x\r\nauthorization: Bearer \xff\xfe\r\n\r\n`]) console.log((await raw(t)).slice(0, 300).split("\r\n")[0], JSON.stringify((await raw(t)).split("\r\n\r\n")[1] ?? "").slice(0, 200), /content-security-policy: [^\r]*/.exec(await raw(t))?.[0].slice(0,90));
  console.log(seen.filter((x) => Number(x.slice(0, 3)) >= 500).join("\n"));
  (await import("node:fs")).writeFileSync("/tmp/fuzz.txt", seen.join("\n"));
  console.log("logs", (o.output() + m.output() + r.output()).slice(0, 3000));
  expect(1).toBe(1);
}, 200000);
