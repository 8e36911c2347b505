/**
 * The other side of two floors, in a process of its own as services are: answers every request on the bus with a reply of the
 * size of a receipt, and every HTTP request with the same. Nothing is decided or kept.
 */
import { openBus } from "@tagwire/bus";
import fastify from "fastify";
import { pino } from "pino";
import { echoReply, echoSubject } from "./echo-subject.ts";

const bus = await openBus({
  url: process.env.NATS_URL ?? "",
  name: "bench-echo",
  log: pino({ level: "silent" }),
});
bus.connection.subscribe(echoSubject, {
  callback: (error, message) => {
    if (error === null) message.respond(JSON.stringify(echoReply));
  },
});
await bus.connection.flush();
const app = fastify({ logger: false });
app.post("/", async () => echoReply);
const address = await app.listen({ host: "127.0.0.1", port: 0 });
process.once("SIGTERM", () => process.exit());
process.stdout.write(`ready ${address}\n`);
