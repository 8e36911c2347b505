import { Fault } from "@tagwire/messages";

/**
 * Where a reader's interface is, from `http[s]://host[:port]`: a name and a password belong into the reader's login, not into an address
 * that everybody sees.
 *
 * @throws Fault `reader.settings`, which quotes nothing that may be a password.
 */
export const impinjAddress = (address: string): URL => {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new Fault("reader.settings", "the address of an impinj reader begins with http:// or https://");
  if (url.username !== "" || url.password !== "")
    throw new Fault("reader.settings", "user name and password belong into login, not into the address");
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "")
    throw new Fault("reader.settings", "the address of an impinj reader ends with its host and port");
  return new URL("/api/v1/", url);
};
