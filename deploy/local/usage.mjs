/** What the options of `npm start` are. Plain JavaScript, since it is asked for before anything is installed. */
export const usage = `npm start -- [options]
  --no-demo     an empty system: no demo site, no emulated readers
  --data DIR    where data is kept (TAGWIRE_HOME; default .tagwire)
  --fresh       delete the data first
  --port N      the port to open, 0 for any (TAGWIRE_PORT; default 8080)
  --replicas N  how many processes of each service run, 1 to 5 (default 1; more than one needs Linux)
  --mqtt-port N the port on which readers may publish over MQTT, 0 for any (TAGWIRE_MQTT_PORT; default 0)
  --help        these lines
Settings: DATABASE_URL and NATS_URL use existing servers, NATS_SERVER_BIN names a nats-server to start,
TAGWIRE_MQTT_HOST opens MQTT to the network (default 127.0.0.1),
TAGWIRE_ADMIN_KEY (32 characters or more) is an API key with the admin role, for as long as it is set.`;

/** Whether only the lines about the options are wanted. */
export const isHelpWanted = (args) => args.includes("--help") || args.includes("-h");
