import { Fault, type RfidproDataset, rfidproDatasets } from "@tagwire/messages";
import type { RfidproSettings } from "./settings.ts";

/*
 * RFIDpro is only ever read. This is all that may be asked of it: one POST, of the login, and GETs of three addresses.
 */

export type Addresses = { readonly login: URL; readonly data: ReadonlyMap<string, URL> };

/** What stands in a path as it is: no slash, no dot, nothing that is escaped. */
const datasetId = /^[A-Za-z0-9_-]{1,128}$/;

const addressOf = (base: string, path: string, setting: string): URL => {
  const text = `${base.replace(/\/+$/, "")}${path}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isFine =
    url !== undefined &&
    (url.protocol === "https:" || url.protocol === "http:") &&
    url.username === "" &&
    url.password === "" &&
    url.search === "" &&
    url.hash === "" &&
    url.pathname.endsWith(path);
  if (!isFine) throw new Fault("rfidpro.forbidden", `${setting} is no http(s) address`);
  return url;
};

/**
 * The addresses that may be asked.
 *
 * @throws Fault `rfidpro.forbidden` where the settings lead to none, or to more than what they are for
 */
export const addressesOf = ({ loginUrl, dataUrl, datasets }: RfidproSettings): Addresses => {
  const dataOf = (dataset: RfidproDataset): [string, URL] => {
    const id = datasets[dataset];
    if (!datasetId.test(id))
      throw new Fault("rfidpro.forbidden", `the id of the data set ${dataset} is none`);
    return [dataset, addressOf(dataUrl, `/api/v1/data/${id}`, "RFIDPRO_DATA_URL")];
  };
  return {
    login: addressOf(loginUrl, "/api/v1/login", "RFIDPRO_LOGIN_URL"),
    data: new Map(rfidproDatasets.map(dataOf)),
  };
};

/**
 * Lets a question pass that may be asked, and no other. Called last before a socket is opened.
 *
 * @throws Fault `rfidpro.forbidden`
 */
export const allowOnly = ({ login, data }: Addresses, method: string, url: URL): void => {
  const place = `${url.origin}${url.pathname}`;
  const isPlain = url.username === "" && url.password === "";
  const isLogin = method === "POST" && url.href === login.href;
  const isReading =
    method === "GET" && [...data.values()].some(({ origin, pathname }) => place === `${origin}${pathname}`);
  if (!isPlain || !(isLogin || isReading)) throw new Fault("rfidpro.forbidden", `${method} ${url.pathname}`);
};
