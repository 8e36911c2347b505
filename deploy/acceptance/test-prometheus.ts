import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@tagwire/embedded";
import { findPrometheus, ruleFiles, textOf } from "@tagwire/prometheus";
import { eventually } from "@tagwire/testing";
import { stringify } from "yaml";

export type Sample = { readonly labels: Readonly<Record<string, string>>; readonly value: string };

export type Prometheus = {
  /** The samples of a query now. @throws with what Prometheus says, where it does not understand it */
  readonly ask: (query: string) => Promise<readonly Sample[]>;
  /** The names of all series. */
  readonly names: () => Promise<readonly string[]>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

type Answer<T> = { readonly status: string; readonly error?: string; readonly data: T };
type Vector = {
  readonly result: readonly {
    readonly metric: Readonly<Record<string, string>>;
    readonly value: readonly [number, string];
  }[];
};

/** A Prometheus of its own that asks these services each second, with our rules. */
export const startPrometheus = async (
  services: readonly { readonly name: string; readonly http: string }[],
): Promise<Prometheus> => {
  const program = await findPrometheus();
  const folder = await mkdtemp(join(tmpdir(), "tagwire-prometheus-"));
  await mkdir(join(folder, "rules"));
  for (const [name, file] of Object.entries(ruleFiles)) {
    // As often as it asks: a test does not wait for half a minute.
    const groups = file.groups.map((group) => ({ ...group, interval: "1s" }));
    await writeFile(join(folder, "rules", name), textOf({ groups }));
  }
  const config = {
    global: { scrape_interval: "1s", evaluation_interval: "1s" },
    rule_files: ["rules/*.yaml"],
    scrape_configs: [
      {
        job_name: "tagwire",
        static_configs: services.map(({ name, http }) => ({
          targets: [http.replace("http://", "")],
          labels: { service: name },
        })),
      },
    ],
  };
  await writeFile(join(folder, "prometheus.yaml"), stringify(config));
  const port = await freePort();
  const args = [
    `--config.file=${join(folder, "prometheus.yaml")}`,
    `--storage.tsdb.path=${join(folder, "data")}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const child = spawn(program, args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-8_000);
  });
  const base = `http://127.0.0.1:${port}`;
  const get = async <T>(path: string): Promise<T> => {
    const answer = (await (await fetch(`${base}/api/v1/${path}`)).json()) as Answer<T>;
    if (answer.status !== "success") throw new Error(answer.error);
    return answer.data;
  };
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await eventually("Prometheus is ready", async () => (await fetch(`${base}/-/ready`)).ok);
  } catch (cause) {
    await stop();
    throw new Error(`Prometheus does not start: ${said}`, { cause });
  }
  return {
    ask: async (query) => {
      const { result } = await get<Vector>(`query?query=${encodeURIComponent(query)}`);
      return result.map(({ metric, value: [, value] }) => ({ labels: metric, value }));
    },
    names: () => get<string[]>("label/__name__/values"),
    [Symbol.asyncDispose]: stop,
  };
};
