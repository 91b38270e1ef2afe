// The little XML that Route 53's protocol (restXml) needs: elements and text, no attributes worth
// reading. What comes out is checked by zod schemas, so shapes are not judged here.

/** Lists are elements that hold elements of one name each; the rest is text or a structure. */
export type XmlValue =
  | string
  | number
  | boolean
  | readonly XmlValue[]
  | { readonly [name: string]: XmlValue };

/** Names of list members, by the list's name. */
const memberNames: { readonly [list: string]: string } = {
  ChildHealthChecks: "ChildHealthCheck",
  HealthChecks: "HealthCheck",
  NameServers: "NameServer",
  Regions: "Region",
  ResetElements: "ResettableElementName",
  ResourceRecordSets: "ResourceRecordSet",
  ResourceRecords: "ResourceRecord",
};

const namespace = "https://route53.amazonaws.com/doc/2013-04-01/";

/** A document with its namespace. */
export function xmlDocument(root: string, content: { readonly [name: string]: XmlValue }): string {
  const inner = Object.entries(content).map(([name, value]) => element(name, value));
  return `<?xml version="1.0"?>\n<${root} xmlns="${namespace}">${inner.join("")}</${root}>`;
}

function element(name: string, value: XmlValue): string {
  return `<${name}>${contentOf(name, value)}</${name}>`;
}

function contentOf(name: string, value: XmlValue): string {
  if (Array.isArray(value)) {
    return value.map((member: XmlValue) => element(memberNames[name] ?? "member", member)).join("");
  }
  if (typeof value === "object") {
    return Object.entries(value)
      .map(([key, member]) => element(key, member))
      .join("");
  }
  return escaped(String(value));
}

const escaped = (text: string) =>
  text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

const entities: { readonly [name: string]: string } = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};
const unescaped = (text: string) =>
  text.replace(/&(?:#(\d+)|#x([0-9a-fA-F]+)|(\w+));/g, (whole, decimal, hex, name) => {
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    return entities[String(name)] ?? whole;
  });

/** The content of a document's root; null where it is not XML. */
export function readXml(text: string): XmlValue | null {
  const tokens = text.match(/<[^>]+>|[^<]+/g) ?? [];
  const real = tokens.filter((token) => !/^<[?!]/.test(token));
  const start = real.findIndex((token) => token.startsWith("<"));
  if (start < 0) return null;
  return new Reader(real.slice(start)).element()?.value ?? null;
}

class Reader {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  element(): { name: string; value: XmlValue } | null {
    const open = /^<([A-Za-z][\w.-]*)[^>]*?(\/?)>$/.exec(this.#tokens[this.#at++] ?? "");
    const name = open?.[1];
    if (name === undefined) return null;
    if (open?.[2] === "/") return { name, value: name in memberNames ? [] : "" };
    const children: [string, XmlValue][] = [];
    let text = "";
    for (;;) {
      const token = this.#tokens[this.#at];
      if (token === undefined) return null;
      if (token === `</${name}>`) break;
      if (token.startsWith("<")) {
        const child = this.element();
        if (child === null) return null;
        children.push([child.name, child.value]);
      } else {
        text += token;
        this.#at += 1;
      }
    }
    this.#at += 1;
    return { name, value: elementValue(name, children, text) };
  }
}

function elementValue(name: string, children: [string, XmlValue][], text: string): XmlValue {
  if (name in memberNames) return children.map(([, value]) => value);
  return children.length > 0 ? Object.fromEntries(children) : unescaped(text);
}
