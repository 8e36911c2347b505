import type { ContractView, Item } from "@tagwire/messages";
import { Boxes, FileText, type LucideIcon, Tag } from "lucide-react";
import type { Place } from "../../route.ts";
import { contractStateText, kindWords } from "../../words/contracts.ts";
import { allPlaces, type Destination } from "../../words/places.ts";
import { statusWord } from "../../words/statuses.ts";
import { addressOf } from "../navigation-link.tsx";

/** One thing to go to. */
export type Candidate = {
  readonly key: string;
  readonly icon: LucideIcon;
  readonly kind: string;
  readonly word: string;
  readonly note?: string;
  readonly place: Place;
};

const candidateOfPlace = (site: string, place: Destination): Candidate => ({
  ...{ key: `screen ${place.word}`, icon: place.icon, kind: "Screen", word: place.word },
  ...(place.also === undefined ? {} : { note: place.also }),
  place: addressOf(site, place),
});

/** Screens by what they are called, those first that begin so; without a text all of them. */
export const screensWith = (site: string, text: string): readonly Candidate[] => {
  const wanted = text.trim().toLowerCase();
  const begins = allPlaces.filter(({ word }) => word.toLowerCase().startsWith(wanted));
  const within = allPlaces.filter(
    (place) => !begins.includes(place) && `${place.word} ${place.also}`.toLowerCase().includes(wanted),
  );
  return [...begins, ...within].map((place) => candidateOfPlace(site, place));
};

export const candidateOfItem = (site: string, item: Item): Candidate => ({
  ...{ key: `item ${item.tag}`, icon: Tag, kind: "Item", word: item.tag },
  note: [item.class, statusWord(item.status), ...(item.place === null ? [] : [item.place])].join(" · "),
  place: { site, screen: "items", tag: item.tag },
});

/** A tag that no item carries still has a life: the scans that wait for it. */
export const candidateOfTag = (site: string, tag: string): Candidate => ({
  ...{ key: `tag ${tag}`, icon: Tag, kind: "Tag", word: tag, note: "no item carries it" },
  place: { site, screen: "items", tag },
});

export const candidateOfContract = (site: string, contract: ContractView): Candidate => {
  const { number, kind, client } = contract;
  const isLaundry = kind === "laundry";
  const query = new URLSearchParams({ ...(isLaundry ? {} : { board: "contracts" }), contract: number });
  return {
    ...{ key: `contract ${number}`, icon: FileText, kind: "Contract", word: number },
    note: [kindWords[kind], contractStateText(contract), ...(client === null ? [] : [client])].join(" · "),
    place: { site, screen: isLaundry ? "laundry" : "boards", query },
  };
};

/** The classes of what was found that have the text in their names. */
export const classesWith = (site: string, items: readonly Item[], text: string): readonly Candidate[] => {
  const wanted = text.toLowerCase();
  const classes = new Set(items.map(({ class: name }) => name));
  return [...classes]
    .filter((name) => name.toLowerCase().includes(wanted))
    .map((name) => ({
      ...{ key: `class ${name}`, icon: Boxes, kind: "Class", word: name, note: "its items" },
      place: { site, screen: "items", query: new URLSearchParams({ class: name }) },
    }));
};
