import { openBus } from "@tagwire/bus";
import { runService } from "@tagwire/service";
import { migrate, openStore } from "@tagwire/store";
import { readConfig } from "./config.ts";
import { openCredentials } from "./edge/credentials.ts";
import { openKnownSites } from "./edge/known-sites.ts";
import { openGateway } from "./gateway.ts";
import { openAdmission } from "./live/admission.ts";
import { answerScreenLag } from "./live/answer-screen-lag.ts";
import { openHub } from "./live/hub.ts";
import { keepScreenLags } from "./live/keep-screen-lags.ts";
import { answerScreens, sayScreens } from "./live/screen-rows.ts";
import { readinessOf } from "./routes/probes.ts";
import { hashOf, newSecret } from "./store/secret.ts";
import { offerLocalKey, offerSignIn } from "./store/setup.ts";
import { migrations, schema, type Tables } from "./store/tables.ts";
import { keepScanning, ownUrlOf, syntheticName } from "./synthetic/keep-scanning.ts";
import { openOwnDoor } from "./synthetic/own-door.ts";
import { transferLimits } from "./transfer/limits.ts";

await runService("api-gateway", async ({ env, log, use, ready, tell, metricsText }) => {
  const config = readConfig(env);
  await migrate(config.databaseUrl, schema, migrations);
  const store = use(await openStore<Tables>({ url: config.databaseUrl, schema, name: "api-gateway", log }));
  const bus = use(
    await openBus({ url: config.natsUrl, streamReplicas: config.streamReplicas, name: "api-gateway", log }),
  );
  const hub = use(openHub(bus));
  use(keepScreenLags(store.sql, hub.screenLags, log, (written) => sayScreens(bus, written)));
  for (const { stop } of [answerScreenLag(bus, store.sql), answerScreens(bus, store.sql)])
    use({ close: stop });

  // Nobody else ever has it, and it ends with this process.
  const probeKey = newSecret();
  const synthetic = { name: syntheticName, keyHash: Buffer.from(hashOf(probeKey), "hex") };
  const isProbing = config.probeEveryMs > 0;
  const credentials = openCredentials(store, config.adminKeyHash, log, isProbing ? synthetic : undefined);
  const sites = openKnownSites(bus);
  const app = use(
    await openGateway({
      bus,
      store,
      log,
      config,
      credentials,
      sites,
      hub,
      admission: openAdmission(),
      metricsText,
      transfers: transferLimits,
    }),
  );
  for (const { name, holds } of readinessOf(bus, store)) ready(name, holds);

  const { host, port, isPortShared } = config;
  const address = await app.listen({ host, port, ...(isPortShared ? { reusePort: true } : {}) });
  const publicUrl = config.publicUrl?.replace(/\/$/, "") ?? address;
  await offerLocalKey(store.db, config);
  await offerSignIn(store.db, config, publicUrl, (line) => process.stdout.write(`${line}\n`));
  tell({ public: publicUrl, listens: address });
  if (isProbing) {
    const url = isPortShared ? use(await openOwnDoor(app)).url : ownUrlOf(app);
    use(keepScanning({ bus, sites, url, key: probeKey, everyMs: config.probeEveryMs, log }));
  }
});
