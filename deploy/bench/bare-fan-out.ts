/**
 * The floor of a fan-out: a bare WebSocket server that sends the same bytes to everybody who is connected, so many times in a second,
 * and knows nothing else. Its frames say when they were made where the product's name a position.
 */
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";

type Beat = { readonly frameBytes: number; readonly framesPerSecond: number };

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
server.on("connection", (socket) => {
  // The clients ask for something; here all get the same.
  socket.on("message", () => socket.send('{"op":"snap","last":true}'));
  socket.on("error", () => undefined);
});

const frameNow = (frameBytes: number): Buffer => {
  const head = `{"op":"delta","changes":[{"put":{"pos":${performance.timeOrigin + performance.now()},"filler":"`;
  const tail = '"}}]}';
  return Buffer.from(`${head}${"x".repeat(Math.max(0, frameBytes - head.length - tail.length))}${tail}`);
};

let timer: NodeJS.Timeout | undefined;
process.on("message", ({ frameBytes, framesPerSecond }: Beat) => {
  clearInterval(timer);
  if (framesPerSecond === 0) return;
  timer = setInterval(() => {
    const frame = frameNow(frameBytes);
    for (const socket of server.clients) socket.send(frame, { binary: false });
  }, 1_000 / framesPerSecond);
});
process.once("disconnect", () => process.exit());
server.once("listening", () => process.send?.((server.address() as AddressInfo).port));
