/*
 * Beginnings and ends of host names that a tag of TDS 2.3 holds in seven or fourteen bits (§14.5.16, "Optimisation Tables").
 */

/** In seven bits: values that are no character of ASCII, or none that GS1 allows. */
const short: Readonly<Record<string, number>> = {
  "qr.": 0x1e,
  "www.": 0x1f,
  "id.": 0x20,
  ".com": 0x5b,
  ".org": 0x5c,
  ".net": 0x5d,
  ".int": 0x5e,
  ".edu": 0x60,
  ".gov": 0x7b,
  ".mil": 0x7c,
  ".biz": 0x7d,
  ".eco": 0x7e,
  ".med": 0x7f,
};

/** In fourteen bits, counted from the first value of each table. Two rows of the third are misprinted as of the first. */
const tables: readonly string[] = [
  "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo bq br bs bt bw by bz ca cc cd cf cg ch ci " +
    "ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg eh er es et eu fi fj fk fm fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr " +
    "gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li",
  "lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf " +
    "pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sk sl sm sn sr ss st su sv sx sy sz tc td tf tg th tj tk tl " +
    "tm tn to tr tt tv tw tz ua ug us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw",
  "com.au net.au org.au co.at com.bd co.bd com.br net.br co.nz com.ng com.pk co.in com.in co.il co.jp co.za co.kr com.es com.lk co.th " +
    "co.tt com.tt com.tr biz.tr com.ua co.uk co.zm com.zm com.cn org.cn net.cn gov.cn",
  "tech",
];

const tableSize = 128;

/** A text and the value that stands for it, which is `units` times seven bits wide. */
export type Shorthand = { readonly text: string; readonly value: number; readonly units: 1 | 2 };

/** Those that spare most come first: they are the ones to use where several fit. */
export const shorthands: readonly Shorthand[] = [
  ...Object.entries(short).map(([text, value]) => ({ text, value, units: 1 as const })),
  ...tables.flatMap((names, table) =>
    names
      .split(" ")
      .map((name, row) => ({ text: `.${name}`, value: table * tableSize + row, units: 2 as const })),
  ),
].toSorted((one, other) => other.text.length - other.units - (one.text.length - one.units));

const shortByValue = new Map(Object.entries(short).map(([text, value]) => [value, text]));
const longByValue = new Map(
  shorthands.filter(({ units }) => units === 2).map(({ text, value }) => [value, text]),
);

/** A value below this begins one of fourteen bits. */
export const longStarts = tables.length;

export const shortText = (value: number): string | undefined => shortByValue.get(value);
export const longText = (value: number): string | undefined => longByValue.get(value);
