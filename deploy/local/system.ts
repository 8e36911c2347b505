import { join } from "node:path";
import { buildUi } from "./build-ui.ts";
import { type Children, openChildren } from "./children.ts";
import { type DataFolder, readLine } from "./data-folder.ts";
import { demoMovesLine } from "./demo-word.ts";
import { writeEndpoints } from "./endpoints.ts";
import { Halt } from "./halt.ts";
import { openLogFile } from "./log-file.ts";
import { chooseOldSystem } from "./old-system.ts";
import type { LaunchOptions } from "./options.ts";
import type { Progress } from "./progress.ts";
import { sendSignal } from "./send-signal.ts";
import { type NatsServer, openNats, openPostgres, type Server, type ServerOptions } from "./servers.ts";
import {
  type Program,
  type ReadyWord,
  type RunningService,
  startService,
  startTool,
} from "./service-process.ts";
import {
  demoFileOf,
  demoSettings,
  endpointFileOf,
  mainFileOf,
  type ProgramName,
  type Replica,
  replicaName,
  type Surroundings,
  serviceNames,
  settingsOf,
  signInFileOf,
  stopOrder,
  stopPatienceMs,
} from "./services.ts";
import { type Stoppable, stopInOrder } from "./shutdown.ts";
import { type Running, type Supervised, supervise } from "./supervisor.ts";

export interface SystemOptions {
  readonly root: string;
  readonly folder: DataFolder;
  readonly options: LaunchOptions;
  readonly progress: Progress;
  /** Where a fetched nats-server is kept, for every data folder. */
  readonly cacheDir: string;
}

export interface Ready {
  readonly url: string;
  /** How to sign in, where logs are, how to stop. */
  readonly advice: readonly string[];
}

/** Generous: a start takes some seconds, and this only says how long a demo that never moves keeps people waiting. */
const demoWord: ReadyWord = {
  line: demoMovesLine,
  withinMs: 60_000,
  advice: 'start without it: "npm start -- --no-demo"',
};

/** Something that is being started may have to be stopped before it has come up. */
const stoppableOnceUp = (coming: Promise<Stoppable | undefined>): Stoppable => {
  // Whoever started it meets the failure; here it only means that there is nothing to stop.
  const up = coming.catch(() => undefined);
  return { stop: async () => (await up)?.stop() };
};

/** Postgres, nats-server, the services and the demo site, from their start to their end. */
export class System {
  readonly #given: SystemOptions;
  readonly #children: Children;
  readonly #halt = new Halt();
  /** By the names of processes. */
  readonly #services = new Map<string, Supervised<RunningService>>();
  /** What has been begun, in the groups in which it stops: the services with the demo, nats-server, Postgres. */
  readonly #begun: {
    readonly programs: Map<ProgramName, Stoppable[]>;
    readonly nats: Stoppable[];
    readonly postgres: Stoppable[];
  } = {
    programs: new Map(),
    nats: [],
    postgres: [],
  };
  #servers: { readonly postgres: Server; readonly nats: NatsServer } | undefined;
  #publicUrl: string | undefined;
  /** A gateway that is started again must come back at the port people have open, and further ones open the same. */
  #publicPort: number;

  constructor(given: SystemOptions) {
    this.#given = given;
    this.#children = openChildren(given.folder.children);
    this.#publicPort = given.options.port;
  }

  /** Resolves when every service is ready. Throws what the first failing part throws; `stop` undoes the rest. */
  async start(): Promise<Ready> {
    const { root, options, folder, progress } = this.#given;
    const built = this.#halt.unless(
      progress.step("preparing the UI", async (note) => ({
        done: (await buildUi(root, note)) ? "UI built" : "UI is up to date",
      })),
    );
    // Nobody may be waiting for the UI yet when its build fails; the failure is met further down.
    built.catch(() => undefined);
    const [postgres, nats] = await this.#openServers();
    this.#servers = { postgres, nats };
    const around: Surroundings = {
      ...{ root, folder, options, databaseUrl: postgres.url, natsUrl: nats.url },
      oldSystem: options.demo ? await chooseOldSystem(process.env) : undefined,
    };
    const starts = serviceNames.map(async (service) => {
      if (service === "api-gateway") await built;
      await this.#openReplica({ service, number: 1 }, around);
      const others = Array.from({ length: options.replicas - 1 }, (_, index) => index + 2);
      await Promise.all(others.map((number) => this.#openReplica({ service, number }, around)));
    });
    // All settle before any failure is passed on, so that nothing comes up behind the back of `stop`.
    const failed = await this.#firstFailure(starts);
    if (failed !== undefined) throw failed.reason;
    const url = this.#services.get("api-gateway")?.current()?.publicUrl;
    if (url === undefined) throw new Error("the api-gateway named no public address");
    this.#publicUrl = url;
    this.#writeEndpoints();
    if (options.demo) await this.#openDemo(around, url);
    return { url, advice: this.#advice() };
  }

  /** Stops everything in reverse within 10 s, also what was only half started. */
  async stop(): Promise<void> {
    this.#halt.now();
    this.#publicUrl = undefined;
    const { programs, nats, postgres } = this.#begun;
    const inTurn = stopOrder.map((name): Stoppable => {
      const replicas = programs.get(name) ?? [];
      return { stop: async () => void (await Promise.allSettled(replicas.map(({ stop }) => stop()))) };
    });
    await stopInOrder([inTurn, nats, postgres], () => this.#kill());
  }

  async #openServers(): Promise<[Server, NatsServer]> {
    const { folder, options, progress, cacheDir } = this.#given;
    const { replicas } = options;
    const onChange = () => this.#writeEndpoints();
    const [children, halt] = [this.#children, this.#halt];
    const shared: ServerOptions = { folder, children, progress, onChange, halt, replicas };
    const postgres = openPostgres(options.databaseUrl, shared);
    const nats = openNats(options.natsUrl, { ...shared, cacheDir, mqtt: options.mqtt });
    this.#begun.postgres.push(stoppableOnceUp(postgres.then(({ supervised }) => supervised)));
    this.#begun.nats.push(stoppableOnceUp(nats.then(({ supervised }) => supervised)));
    return this.#halt.unless(Promise.all([postgres, nats]));
  }

  #program(name: string, mainFile: string, settings: () => NodeJS.ProcessEnv): () => Program {
    const log = openLogFile(join(this.#given.folder.logs, `${name}.log`));
    const fixed = { name, mainFile, log, cwd: this.#given.root, children: this.#children, halt: this.#halt };
    return () => ({ ...fixed, env: settings() });
  }

  #note(name: ProgramName, coming: Promise<Stoppable>): void {
    const { programs } = this.#begun;
    programs.set(name, [...(programs.get(name) ?? []), stoppableOnceUp(coming)]);
  }

  async #openReplica(replica: Replica, around: Surroundings): Promise<void> {
    const { progress, folder, root } = this.#given;
    const name = replicaName(replica);
    const program = this.#program(name, mainFileOf(root, replica.service), () =>
      settingsOf(replica, around, this.#publicPort),
    );
    const patienceMs = stopPatienceMs[replica.service];
    const patient = patienceMs === undefined ? {} : { stopPatienceMs: patienceMs };
    const opened = progress.step(`starting ${name}`, async () => {
      const start = () => startService({ ...program(), ...patient }, endpointFileOf(folder, replica));
      const onChange = () => this.#writeEndpoints();
      const supervised = await supervise({ name, start, say: progress.say, onChange });
      return { supervised, done: `${name} ready` };
    });
    this.#note(
      replica.service,
      opened.then(({ supervised }) => supervised),
    );
    const { supervised } = await opened;
    this.#services.set(name, supervised);
    this.#publicPort = supervised.current()?.publicPort ?? this.#publicPort;
  }

  /** Nobody is told "ready" before there is something to see. */
  async #openDemo(around: Surroundings, url: string): Promise<void> {
    const { progress, root } = this.#given;
    const program = this.#program("demo", demoFileOf(root), () => demoSettings(around, url));
    const start = (): Promise<Running> => startTool(program(), demoWord);
    const opened = progress.step("stocking the demo site", async () => {
      const supervised = await supervise({
        name: "demo",
        start,
        say: progress.say,
        onChange: () => undefined,
      });
      return { supervised, done: "demo site moves" };
    });
    this.#note(
      "demo",
      opened.then(({ supervised }) => supervised),
    );
    await opened;
  }

  /** The first that fails halts the others: waiting out their time limits would only hide the reason. */
  async #firstFailure(starts: readonly Promise<void>[]): Promise<{ readonly reason: unknown } | undefined> {
    let first: { readonly reason: unknown } | undefined;
    const watched = starts.map((start) =>
      start.catch((reason: unknown) => {
        first ??= { reason };
        this.#halt.now();
      }),
    );
    await Promise.all(watched);
    return first;
  }

  #writeEndpoints(): void {
    if (this.#publicUrl === undefined || this.#servers === undefined) return;
    const { postgres, nats } = this.#servers;
    const services = [...this.#services].flatMap(([name, supervised]) => {
      const running = supervised.current();
      return running === undefined ? [] : [{ name, pid: running.pid, http: running.http }];
    });
    writeEndpoints(this.#given.folder.endpoints, {
      http: this.#publicUrl,
      database: postgres.url,
      nats: nats.url,
      mqtt: nats.mqttUrl ?? null,
      services,
      postgresPid: postgres.supervised?.current()?.pid ?? null,
      natsPid: nats.supervised?.current()?.pid ?? null,
    });
  }

  #advice(): string[] {
    const { folder, options } = this.#given;
    const link = options.adminKey === undefined ? readLine(signInFileOf(folder)) : undefined;
    const signIn =
      options.adminKey === undefined
        ? "sign in with an API key that you have"
        : "sign in with your TAGWIRE_ADMIN_KEY";
    return [
      link === undefined ? signIn : `sign in (this link works once): ${link}`,
      `logs: ${folder.logs}`,
      `stop: Ctrl-C, or kill ${process.pid}`,
    ];
  }

  #kill(): void {
    for (const { pid } of this.#children.all()) sendSignal(pid, "SIGKILL");
  }
}
