import { isSameThing, pureIdentityOf } from "@tagwire/epc";

const pattern = /^urn:epc:idpat:([a-z]+):(.+)$/;
const identity = /^urn:epc:id:([a-z]+):(.+)$/;
const link = /^https?:\/\//;

/** A company prefix of any length stands for "any": which it is does not matter where the pattern leaves it open. */
const anyPrefixDigits = 6;

/** A thing that is known by its Digital Link has a pure identity once the pattern tells how long the company prefix is. */
const identityOf = (epc: string, company: string): string =>
  link.test(epc) ? (pureIdentityOf(epc, company === "*" ? anyPrefixDigits : company.length) ?? "") : epc;

/** A pattern has a `*` where any value will do (TDS 1.13 §8). A serial may hold dots, so the last field is whatever remains. */
const fitsPattern = (wanted: string, epc: string): boolean => {
  const [, wantedScheme, wantedBody = ""] = pattern.exec(wanted) ?? [];
  const fields = wantedBody.split(".");
  const [, scheme, body = ""] = identity.exec(identityOf(epc, fields[0] ?? "")) ?? [];
  if (scheme === undefined || scheme !== wantedScheme) return false;
  const own = body.split(".");
  const given = [...own.slice(0, fields.length - 1), own.slice(fields.length - 1).join(".")];
  return own.length >= fields.length && fields.every((field, at) => field === "*" || field === given[at]);
};

/** Whether it takes looking at an EPC to know if this is a name of it: then no index finds it. */
export const isLoose = (wanted: string): boolean => pattern.test(wanted) || link.test(wanted);

/**
 * Whether an EPC is what is wanted: by a pattern of pure identities, or by any name of the thing. A Digital Link means the same on
 * whatever domain it stands, and below whatever path.
 */
export const meansEpc = (wanted: string, epc: string): boolean => {
  if (pattern.test(wanted)) return fitsPattern(wanted, epc);
  return wanted === epc || ((link.test(wanted) || link.test(epc)) && isSameThing(wanted, epc));
};
