import {
  type CreateReader,
  type DriverName,
  Fault,
  isTrainingSite,
  type PatchReader,
  type ReadRules,
  readerAbilities,
  type SiteId,
} from "@tagwire/messages";
import type { DriverSettings } from "../drivers/driver.ts";
import type { ReaderSettings } from "../store/readers.ts";
import { checkOwnRules } from "./chip-names.ts";
import { forms } from "./reader-forms.ts";

const checkRadio = ({ driver, region, session }: ReaderSettings): void => {
  const { regions, hasSession } = readerAbilities[driver];
  if (region !== undefined && region !== null && !regions.includes(region)) {
    const possible = regions.join(", ");
    const why = possible === "" ? "keep the region that they were made for" : `know the regions ${possible}`;
    throw new Fault("reader.settings", `${driver} readers ${why}`);
  }
  if (session !== undefined && session !== null && !hasSession)
    throw new Fault("reader.settings", `the session of ${driver} readers is not set from here`);
};

/** Whoever sets it should hear at once that it cannot be, and not from a reader that no longer reads. */
const checkPower = ({ driver, antennas }: ReaderSettings): void => {
  const { power } = readerAbilities[driver];
  const powers = new Set(antennas.map(({ powerDbm }) => powerDbm).filter((one) => one !== undefined));
  if (power === "none" && powers.size > 0)
    throw new Fault("reader.settings", `the power of ${driver} readers is not set from here`);
  if (power === "one" && powers.size > 1)
    throw new Fault("reader.settings", `${driver} readers send with one power at all antennas`);
};

/** Of a reader that comes to us nothing can be set, for there is nobody to tell. */
const checkPushing = ({ driver, antennas, region, session, login }: ReaderSettings): void => {
  if (readerAbilities[driver].address === "needed")
    throw new Fault("reader.settings", `${driver} readers need an address`);
  const told = [region, session, login, ...antennas.map(({ powerDbm }) => powerDbm)];
  if (told.some((one) => one !== undefined && one !== null))
    throw new Fault(
      "reader.settings",
      "power, region, session and login of a reader that pushes are set at the reader",
    );
};

/**
 * Settings that this driver can have.
 *
 * @throws Fault `reader.settings`, naming what does not fit.
 */
export const checkSettings = (settings: ReaderSettings): ReaderSettings => {
  if (!Object.hasOwn(forms, settings.driver)) throw new Fault("reader.settings", `driver ${settings.driver}`);
  const { check } = forms[settings.driver];
  const { antennasMax, hasLogin } = readerAbilities[settings.driver];
  if (settings.address === "") checkPushing(settings);
  else check(settings.address);
  if (!hasLogin && settings.login !== undefined && settings.login !== null)
    throw new Fault("reader.settings", `${settings.driver} readers ask for no login`);
  checkRadio(settings);
  checkPower(settings);
  checkOwnRules(settings);
  const texts = [
    settings.address,
    settings.station ?? "",
    ...settings.antennas.flatMap(({ place, role }) => [place ?? "", role ?? ""]),
    ...(settings.rules?.tags ?? []),
  ];
  if (texts.some((text) => /\p{Cc}/u.test(text)))
    throw new Fault("reader.settings", "control characters in a name");
  const ports = settings.antennas.map(({ port }) => port);
  if (new Set(ports).size !== ports.length) throw new Fault("reader.settings", "an antenna is named twice");
  if (ports.some((port) => port > antennasMax))
    throw new Fault("reader.settings", `antenna ports of ${settings.driver} end at ${antennasMax}`);
  return settings;
};

/**
 * What is made up is heard where stock is made up, and nowhere else.
 *
 * @throws Fault `training.site`
 */
export const checkPractice = (site: SiteId, driver: DriverName): void => {
  if (driver === "training" && !isTrainingSite(site)) throw new Fault("training.site", site);
};

/** Settings that a reader of a site may have. @throws Fault as {@link checkPractice} and {@link checkSettings} do */
export const checkSettingsAt = (site: SiteId, settings: ReaderSettings): ReaderSettings => {
  checkPractice(site, settings.driver);
  return checkSettings(settings);
};

/** Settings as anybody may read them: of a login the name alone, and of a key since when there is one. */
export const shownSettings = (
  settings: ReaderSettings,
  enabled: boolean,
  keyMadeAt?: Date,
): Record<string, unknown> => {
  const { driver, address, antennas, station, rules, region, session, login } = settings;
  const shown = {
    driver,
    address,
    antennas,
    station,
    rules,
    region,
    session,
    login: login?.username,
    keyMadeAt: keyMadeAt?.toISOString(),
    enabled,
  };
  return Object.fromEntries(
    Object.entries(shown).filter(([, value]) => value !== null && value !== undefined),
  );
};

export const settingsOf = (reader: CreateReader): ReaderSettings => ({
  driver: reader.driver,
  address: reader.address ?? "",
  login: reader.login ?? null,
  antennas: reader.antennas ?? [],
  station: reader.station ?? null,
  rules: reader.rules ?? {},
  region: reader.region ?? null,
  session: reader.session ?? null,
});

/** What another driver was told of the air, and who we are to it, says nothing to this one, and would only be refused. */
const ownOf = (
  settings: ReaderSettings,
  patch: PatchReader,
): Pick<ReaderSettings, "region" | "session" | "login"> => {
  const isSameDriver = patch.driver === undefined || patch.driver === settings.driver;
  const { region = null, session = null, login = null } = isSameDriver ? settings : {};
  // Whoever may change the address must not have the password sent to wherever it leads now.
  const isSameAddress = patch.address === undefined || patch.address === settings.address;
  const keptLogin = isSameAddress ? login : null;
  return {
    login: patch.login === undefined ? keptLogin : patch.login,
    region: patch.region === undefined ? region : patch.region,
    session: patch.session === undefined ? session : patch.session,
  };
};

export const patched = (settings: ReaderSettings, patch: PatchReader): ReaderSettings => ({
  driver: patch.driver ?? settings.driver,
  address: patch.address === undefined ? settings.address : (patch.address ?? ""),
  antennas: patch.antennas ?? settings.antennas,
  station: patch.station === undefined ? settings.station : patch.station,
  rules: (patch.rules === undefined ? settings.rules : patch.rules) ?? {},
  ...ownOf(settings, patch),
});

const sorted = (rules: ReadRules) =>
  Object.entries(rules).toSorted(([left], [right]) => (left < right ? -1 : 1));

const comparable = (settings: ReaderSettings): string => {
  const { driver, address, antennas, station, rules, region, session, login } = settings;
  return JSON.stringify([
    ...[driver, address, station, sorted(rules ?? {}), region ?? null, session ?? null],
    login === undefined || login === null ? null : [login.username, login.password],
    antennas
      .map(
        ({ port, place, role, powerDbm, station, side }) =>
          [port, place ?? null, role ?? null, powerDbm ?? null, station ?? null, side ?? null] as const,
      )
      .toSorted(([left], [right]) => left - right),
  ]);
};

/** Whether two settings mean the same; the order of antennas means nothing. */
export const sameSettings = (left: ReaderSettings, right: ReaderSettings): boolean =>
  comparable(left) === comparable(right);

/** A driver and what it tells its reader. */
export type Told = { readonly driver: DriverName; readonly settings: DriverSettings };

/** Whether a reader is told the same by both: what its reads mean is decided here, without it. */
export const sameTold = (left: Told, right: Told): boolean => JSON.stringify(left) === JSON.stringify(right);

/** What the driver is to tell the reader: also the `inputs` that its stations want to hear of, and whether TIDs are wanted where it can ask. */
export const driverSettingsOf = (
  settings: ReaderSettings,
  inputs: readonly number[] = [],
  wantsTid = false,
): DriverSettings => {
  const { driver, address, antennas, region, session, login } = settings;
  return {
    address,
    ...(inputs.length === 0 ? {} : { inputs }),
    ...(wantsTid && forms[driver].asksTid === true ? { asksTid: true } : {}),
    ...(login === undefined || login === null ? {} : { login }),
    ...(region === undefined || region === null ? {} : { region }),
    ...(session === undefined || session === null ? {} : { session }),
    antennas: antennas.map(({ port, powerDbm }) => ({
      port,
      ...(powerDbm === undefined ? {} : { powerDbm }),
    })),
  };
};
