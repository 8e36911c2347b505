/** Settings of a Tagwire of the person who runs the tests: their servers, their data, their keys. No test may reach those. */
const isOfTheirs = (name: string): boolean =>
  /^(DATABASE_URL|NATS_URL|INIT_CWD|ENDPOINT_FILE|PUBLIC_PORT|SERVICE_PORT|SIGN_IN_FILE|LOCAL_KEY_FILE)$/.test(
    name,
  ) || /^(TAGWIRE_|RFIDPRO_|OTEL_)/.test(name);

/** Our environment for a program that a test starts: where programs are, and nothing that says which servers or data to use. */
export const plainEnvironment = (env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !isOfTheirs(name)));
