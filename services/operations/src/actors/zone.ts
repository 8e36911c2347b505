import { Fault, type SetZone, ZoneConfigured, type ZoneShape, zonesMax } from "@tagwire/messages";
import type { Decision, Origin } from "./decision.ts";

/** The zone that a place has, and how many places have one. */
export type ZoneGround = { readonly was: ZoneShape | null; readonly zones: number };

const perMetre = 100;
const toCentimetres = (metres: number): number => Math.round(metres * perMetre) / perMetre;

const isSame = (one: ZoneShape | null, other: ZoneShape | null): boolean => {
  if (one === null || other === null) return one === other;
  const [left, right] = [one.points, other.points];
  return (
    left.length === right.length &&
    left.every(({ x, y }, index) => x === right[index]?.x && y === right[index]?.y)
  );
};

/**
 * Draws a place on the plan of its site, or takes it off. Stated as it is, it says nothing.
 *
 * @throws Fault `malformed` where the plan has as many zones as it may.
 */
export const decideZone = (
  ground: ZoneGround | undefined,
  { place, shape }: SetZone,
  origin: Origin,
): Decision => {
  if (ground === undefined) throw new Fault("internal", "a zone without its ground");
  const { was, zones } = ground;
  const now =
    shape === null
      ? null
      : { points: shape.points.map(({ x, y }) => ({ x: toCentimetres(x), y: toCentimetres(y) })) };
  if (isSame(was, now)) return { outcome: "already_applied", flags: [] };
  if (was === null && zones >= zonesMax) throw new Fault("malformed", `a plan has ${zonesMax} zones at most`);
  return {
    outcome: "accepted",
    flags: [],
    said: { type: ZoneConfigured.type, data: { id: place.trim(), was, now }, ...origin },
  };
};
