import { mkdtemp } from "node:fs/promises";
import { findNatsServer, startNats, startPostgres } from "@tagwire/embedded";
import { openBus } from "@tagwire/bus";
import { pino } from "pino";
import { busyDays, sampleLog } from "./sample-log.ts";
import { sampleOperations } from "./sample-operations.ts";
import { sampleManager } from "./sample-manager.ts";
const dir = await mkdtemp("/tmp/mgr/x");
const pg = await startPostgres({ dir: `${dir}/pg`, durable: process.env.DUR !== "0", settings: { shared_preload_libraries: "pg_stat_statements", "pg_stat_statements.track_planning": "on" } });
const nats = await startNats({ bin: (await findNatsServer({ cacheDir: "/work/main/.tagwire/bin" })).path, dir: `${dir}/nats` });
try {
  const bus = await openBus({ url: nats.url, name: "operations", log: pino({ level: "warn" }) });
  const log = busyDays(sampleLog({ site: "north", startMs: Date.now() - 3 * 3600_000, stepMs: 100 }), 100_000, 12_000);
  console.log("events", log.events.length, "items", log.items.size, "bytes", JSON.stringify(log.events[500]).length);
  const ops = sampleOperations(bus, new Map([["north", log]]));
  const t0 = performance.now();
  const manager = await sampleManager(pg.url, nats.url);
  let last = 0;
  const cpu0 = process.cpuUsage();
  while (manager.applied() < log.events.length) {
    await new Promise((r) => setTimeout(r, 250));
    if (!process.env.Q) console.log(manager.applied() - last), (last = manager.applied());
    if (performance.now() - t0 > 60_000) break;
  }
  const s = (performance.now() - t0) / 1000;
  const c = process.cpuUsage(cpu0);
  console.log("applied", manager.applied(), "in", s, "s =", Math.round(manager.applied() / s), "/s", "cpu", (c.user + c.system) / 1e6, "rss", process.memoryUsage().rss / 1e6);
  { const p = (await import("postgres")).default(pg.url, { max: 1 }); await p`create extension if not exists pg_stat_statements`; console.table((await p`select calls, round(total_exec_time) ms, round(mean_exec_time::numeric,2) mean, round(total_plan_time) plan, rows, left(regexp_replace(query, '\\s+', ' ', 'g'), 90) q from pg_stat_statements order by total_exec_time desc limit 16`)); await p.end(); }
  await manager.stop(); await ops.stop(); await bus.close();
} finally { await nats.stop(); await pg.stop(); }
process.exit(0);
