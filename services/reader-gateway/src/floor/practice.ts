import {
  type Antenna,
  Fault,
  type FieldChange,
  type PortalSide,
  type TrainingField,
} from "@tagwire/messages";
import type { Field, Way } from "../drivers/training/field.ts";
import type { ReaderSettings } from "../store/readers.ts";

const portsOf = (antennas: readonly Antenna[], is: (antenna: Antenna) => boolean): number[] =>
  antennas.filter(is).map(({ port }) => port);

/** The antennas at a station: those that name it, and those that name none where the reader does. */
const portsAt = ({ antennas, station: ofReader }: ReaderSettings, station: string): number[] => {
  const ports = portsOf(antennas, (antenna) => (antenna.station ?? ofReader) === station);
  if (ports.length === 0) throw new Fault("training.station", station);
  return ports;
};

const wayThrough = ({ antennas }: ReaderSettings, direction: "in" | "out"): Way => {
  const portsOn = (side: PortalSide): number[] => portsOf(antennas, (antenna) => antenna.side === side);
  const [inside, outside] = [portsOn("inside"), portsOn("outside")];
  if (inside.length === 0 || outside.length === 0) throw new Fault("training.gate", "");
  return direction === "in" ? { before: outside, beyond: inside } : { before: inside, beyond: outside };
};

/** Readers report tags in upper case, and in whole bytes. */
const heardTags = (tags: readonly string[]): string[] =>
  tags.map((tag) => {
    const epc = tag.trim().toUpperCase();
    if (!/^(?:[0-9A-F]{2}){1,32}$/.test(epc)) throw new Fault("training.tag", tag);
    return epc;
  });

/**
 * Does what a trainer wants with what lies before a reader. Trainers speak of stations and gates; which antennas those are, the settings of the
 * reader say.
 *
 * @throws Fault `training.station`, `training.gate`, `training.tag`, `training.field_full`, `training.nothing`
 */
export const practise = (field: Field, settings: ReaderSettings, change: FieldChange): TrainingField => {
  const tags = change.tags === undefined ? undefined : heardTags(change.tags);
  if (change.act === "put")
    field.put(tags ?? [], { station: change.station, ports: portsAt(settings, change.station) });
  else if (change.act === "take") field.take(tags);
  else {
    const walking = tags ?? field.view().tags.map(({ tag }) => tag);
    if (walking.length === 0) throw new Fault("training.nothing", "nothing lies before the reader");
    field.walk(walking, wayThrough(settings, change.direction), Date.now());
  }
  return field.view();
};
