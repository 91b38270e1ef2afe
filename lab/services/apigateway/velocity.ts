// Mapping templates: Velocity with API Gateway's own variables. velocityjs renders; what it would
// pass over in silence (an unknown directive, an unknown method) is refused by name.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/
// api-gateway-mapping-template-reference.html
import { Compile, parse } from "velocityjs";
import { z } from "zod";
import type { Json } from "../../kernel.ts";
import { callMethod } from "./java-methods.ts";
import { valueAt } from "./json-path.ts";

/** $context: written by templates too, and the same for a request's template and its answer's. */
export interface TemplateContext {
  readonly [name: string]: Json | object;
  readonly requestOverride: {
    readonly path: object;
    readonly querystring: object;
    readonly header: object;
  };
  readonly responseOverride: { status?: unknown; readonly header: object };
}

export interface RequestParameters {
  readonly path: { readonly [name: string]: string };
  readonly querystring: { readonly [name: string]: string };
  readonly header: { readonly [name: string]: string };
}

export interface TemplateInput {
  readonly body: string;
  readonly parameters: RequestParameters;
  readonly context: TemplateContext;
}

export type Template = (input: TemplateInput) => string;

/** Read once, at deployment. Throws on what isn't modelled. */
export function readTemplate(text: string): Template {
  const tree = parse(text);
  refuseUnmodelled(z.json().parse(JSON.parse(JSON.stringify(tree))));
  return ({ body, parameters, context }) => {
    const variables = { input: inputOf(body, parameters), util, context, stageVariables: {} };
    const compiler = new Compile(tree, { escape: false, customMethodHandlers: [handler] });
    return compiler.render(variables);
  };
}

const modelled = [
  ...["references", "set", "if", "elseif", "else", "end", "foreach", "comment", "raw"],
  ...["math", "method", "property", "index", "string", "integer", "decimal", "bool", "map"],
  ...["array", "break"],
];

function refuseUnmodelled(tree: Json): void {
  if (Array.isArray(tree)) {
    for (const one of tree) refuseUnmodelled(one);
  } else if (tree !== null && typeof tree === "object") {
    const { type, id } = tree;
    if (typeof type === "string" && !modelled.includes(type)) {
      throw new Error(`the lab models no ${type} ${String(id ?? "")} in mapping templates`);
    }
    for (const member of Object.values(tree)) refuseUnmodelled(member);
  }
}

interface Called {
  readonly property: string;
  readonly context: unknown;
  readonly params: readonly unknown[];
}

const functions = z.record(z.string(), z.unknown());

/** Every call of a method: API Gateway's own functions, else Java's. */
const handler = {
  uid: "api-gateway",
  match: ({ context }: Called) => context !== undefined && context !== null,
  resolve({ property, context, params }: Called): unknown {
    const own = functions.safeParse(context).data?.[property];
    return typeof own === "function" ? own(...params) : callMethod(context, property, params);
  },
};

function inputOf(body: string, { path, querystring, header }: RequestParameters) {
  // An empty body is an empty object to templates.
  const document = () => parsedJson(body === "" ? "{}" : body);
  return {
    body,
    path: (expression: string) => valueAt(document(), expression),
    json: (expression: string) => JSON.stringify(valueAt(document(), expression) ?? ""),
    params: (name?: string) =>
      name === undefined
        ? { path, querystring, header }
        : (path[name] ?? querystring[name] ?? headerNamed(header, name) ?? ""),
  };
}

function headerNamed(headers: RequestParameters["header"], name: string): string | undefined {
  const wanted = name.toLowerCase();
  return Object.entries(headers).find(([each]) => each.toLowerCase() === wanted)?.[1];
}

/** Text that is no JSON has no members: what AWS answers is silent. */
function parsedJson(text: string): Json | undefined {
  try {
    return z.json().parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

const util = {
  escapeJavaScript: (text: unknown) => escapeJavaScript(String(text)),
  parseJson: (text: unknown) => parsedJson(String(text)),
  urlEncode: (text: unknown) => encodeURIComponent(String(text)).replaceAll("%20", "+"),
  urlDecode: (text: unknown) => decodeURIComponent(String(text).replaceAll("+", "%20")),
  base64Encode: (text: unknown) => Buffer.from(String(text)).toString("base64"),
  base64Decode: (text: unknown) => Buffer.from(String(text), "base64").toString("utf8"),
};

const short: { readonly [character: string]: string } = {
  ...{ "\b": "\\b", "\n": "\\n", "\t": "\\t", "\f": "\\f", "\r": "\\r" },
  ...{ "'": "\\'", '"': '\\"', "\\": "\\\\", "/": "\\/" },
};

/** As Java's StringEscapeUtils, on which it rests: the apostrophe too, which JSON doesn't allow. */
function escapeJavaScript(text: string): string {
  let escaped = "";
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    const code = text.charCodeAt(index);
    const hex = code.toString(16).toUpperCase().padStart(4, "0");
    const plain = code >= 0x20 && code <= 0x7f ? character : `\\u${hex}`;
    escaped += short[character] ?? plain;
  }
  return escaped;
}
