import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { eventually } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { adminKey, type TestGateway, testGateway } from "../test-gateway.ts";
import { answerBrokenHttp } from "./broken-http.ts";

/* Requests that are broken, too long or never end, written to the socket by hand: a client library hides what happens to them. */

const stack = new AsyncDisposableStack();
let gateway: TestGateway;

beforeAll(async () => {
  gateway = stack.use(await testGateway());
});
afterAll(() => stack.disposeAsync());

type Line = { readonly socket: Socket; readonly heard: () => string; readonly [Symbol.dispose]: () => void };

const dial = async (port = Number(new URL(gateway.url).port)): Promise<Line> => {
  const socket = connect(port, "127.0.0.1");
  let heard = "";
  socket.on("data", (chunk) => {
    heard += chunk.toString();
  });
  await once(socket, "connect");
  return { socket, heard: () => heard, [Symbol.dispose]: () => socket.destroy() };
};

const post = (headers: string) =>
  `POST /api/v1/sites/north/items HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${adminKey}\r\n` +
  `content-type: application/json\r\n${headers}\r\n\r\n`;

const answersOf = (heard: string) => heard.match(/HTTP\/1\.1 \d+/g) ?? [];

const write = (socket: Socket, data: string) =>
  new Promise<void>((resolve, reject) => socket.write(data, (error) => (error ? reject(error) : resolve())));

test.each([
  {
    what: "of a length that was announced",
    headers: `content-length: ${8 * 2 ** 20}`,
    part: (size: number) => "x".repeat(size),
    end: "",
  },
  {
    what: "in chunks",
    headers: "transfer-encoding: chunked",
    part: (size: number) => `${size.toString(16)}\r\n${"x".repeat(size)}\r\n`,
    end: "0\r\n\r\n",
  },
])(
  "a body $what that is too long is refused while it is sent, and what comes after it is answered",
  async ({ headers, part, end }) => {
    using line = await dial();
    await write(line.socket, post(headers));
    for (let sent = 0; sent < 2; sent += 1) await write(line.socket, part(2 ** 20));
    await eventually("it is refused", () => (line.heard().includes('"code":"too_large"') ? true : undefined));
    for (let sent = 0; sent < 6; sent += 1) await write(line.socket, part(2 ** 20));
    await write(line.socket, `${end}GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n`);
    await eventually("the next is answered", () => (answersOf(line.heard()).length > 1 ? true : undefined));
    expect(answersOf(line.heard())).toEqual(["HTTP/1.1 413", "HTTP/1.1 200"]);
  },
);

test.each([
  { what: "what is not HTTP", sent: "tags please\r\n\r\n", status: 400, code: "malformed" },
  {
    what: "headers of 64 KiB",
    sent: `GET / HTTP/1.1\r\nhost: x\r\na: ${"x".repeat(2 ** 16)}\r\n\r\n`,
    status: 431,
    code: "malformed",
  },
])("$what is answered $status, and the connection ends", async ({ sent, status, code }) => {
  using line = await dial();
  const ended = once(line.socket, "end");
  line.socket.write(sent);
  await ended;
  const [head = "", body = ""] = line.heard().split("\r\n\r\n");
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} .*content-type: application/problem\\+json`, "s"));
  expect(JSON.parse(body)).toMatchObject({ status, code, type: `/problems/${code}` });
});

test("a request that does not arrive in time is told so, and that it may be sent again", async () => {
  const server = createServer({ requestTimeout: 100, headersTimeout: 100, connectionsCheckingInterval: 20 });
  server.on("clientError", (error, socket) => answerBrokenHttp(error, socket as Socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  using line = await dial((server.address() as AddressInfo).port);
  const ended = once(line.socket, "end");
  line.socket.write(post("content-length: 100"));
  await ended;
  server.close();
  const [head = "", body = ""] = line.heard().split("\r\n\r\n");
  expect(head).toMatch(/^HTTP\/1.1 408 Request Timeout/);
  expect(JSON.parse(body)).toMatchObject({ status: 408, code: "request_timeout", retryable: true });
});
