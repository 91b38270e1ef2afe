import { describe, expect, it } from "vitest";
import { readTemplate, type TemplateInput } from "../../../../lab/services/apigateway/velocity.ts";

function input(body: string): TemplateInput {
  return {
    body,
    parameters: {
      path: { id: "7" },
      querystring: { q: "term" },
      header: { "Content-Type": "application/json" },
    },
    context: {
      requestId: "r-1",
      requestTimeEpoch: 5,
      requestOverride: { path: {}, querystring: {}, header: {} },
      responseOverride: { header: {} },
    },
  };
}
const render = (template: string, body: unknown = {}) =>
  readTemplate(template)(input(typeof body === "string" ? body : JSON.stringify(body)));

describe("$input", () => {
  it("answers the body whole, parts of it as JSON, and parts of it as values", () => {
    const body = { id: "e-1", count: 0, list: [{ a: "x" }], nested: { "odd name": true } };
    expect(render("$input.body", "plain")).toBe("plain");
    expect(render("$input.json('$')", body)).toBe(JSON.stringify(body));
    expect(render("$input.json('$.nested')", body)).toBe('{"odd name":true}');
    expect(render("$input.path('$.id')", body)).toBe("e-1");
    expect(render("$input.path('$.list[0].a')", body)).toBe("x");
    expect(render("$input.path('$.nested')['odd name']", body)).toBe("true");
    expect(render("#if($input.path('$.count') == 0)none#end", body)).toBe("none");
    expect(render("[$!input.path('$.missing.too')]", body)).toBe("[]");
  });

  it("takes an empty body for an empty object", () => {
    expect(render("$input.json('$')", "")).toBe("{}");
  });

  it("finds parameters in the path, the query and the headers", () => {
    const template = "$input.params('id') $input.params('q') $input.params('content-type')";
    expect(render(template)).toBe("7 term application/json");
    expect(render("$input.params().path.id")).toBe("7");
  });

  it("refuses paths that the lab does not have", () => {
    expect(() => render("$input.path('$..id')")).toThrow("the lab models no JSONPath $..id");
    expect(() => render("$input.path('$.list[*]')")).toThrow("JSONPath");
  });
});

describe("$util", () => {
  it("escapes as Java does, the apostrophe too, which then has to be taken back", () => {
    const body = { text: `it's "q" \\ /\n ü` };
    const escaped = "$util.escapeJavaScript($input.path('$.text'))";
    expect(render(escaped, body)).toBe(`it\\'s \\"q\\" \\\\ \\/\\n \\u00FC`);
    const whole = `{"t":"${escaped}.replaceAll("\\\\'", "'")"}`;
    expect(JSON.parse(render(whole.replace(escaped, "$x").replace("$x", escaped), body))).toEqual({
      t: body.text,
    });
  });

  it("encodes and decodes", () => {
    expect(render("$util.urlEncode('a b&c') $util.urlDecode('a+b%26c')")).toBe("a+b%26c a b&c");
    expect(render("$util.base64Encode('hi') $util.base64Decode('aGk=')")).toBe("aGk= hi");
    expect(render("$util.parseJson($input.path('$.j')).a", { j: '{"a":1}' })).toBe("1");
  });

  it("refuses a function that API Gateway's reference does not name", () => {
    expect(() => render("$util.toJson('x')")).toThrow("no method toJson");
  });
});

describe("values in a template", () => {
  it("have the methods of Java's strings and lists, with Java's meanings", () => {
    const body = { s: "a.b.c", list: [1, 2] };
    expect(render("$input.path('$.s').replaceAll('.', '-')", body)).toBe("-----");
    expect(render("$input.path('$.s').replace('.', '-')", body)).toBe("a-b-c");
    expect(render("$input.path('$.s').length()", body)).toBe("5");
    expect(render("#if($input.path('$.s').indexOf('z') >= 0)y#{else}n#end", body)).toBe("n");
    expect(render("#if($input.path('$.s').matches('a.*'))y#end", body)).toBe("y");
    expect(render("$input.path('$.list').size()", body)).toBe("2");
    expect(render("#foreach($n in $input.path('$.list'))<$n>#end", body)).toBe("<1><2>");
  });

  it("have no others: they are refused by name", () => {
    expect(() => render("$input.path('$.s').codePointAt(0)", { s: "x" })).toThrow(
      "the lab models no method codePointAt in templates",
    );
    expect(() => render("$input.path('$.s').replaceAll('x', '$1')", { s: "x" })).toThrow(
      "the lab models no replacement",
    );
  });
});

describe("$context", () => {
  it("is read and overridden", () => {
    const given = input("{}");
    const template =
      "#set($context.responseOverride.status = 503)" +
      '#set($context.responseOverride.header.Retry-After = "5")$context.requestId';
    expect(readTemplate(template)(given)).toBe("r-1");
    expect(given.context.responseOverride).toEqual({ status: 503, header: { "Retry-After": "5" } });
  });

  it("carries what a request's template left in it to its answer's", () => {
    const given = input('{"id":"e-1"}');
    readTemplate("#set($context.requestOverride.path.id = $input.path('$.id'))")(given);
    const answer = readTemplate("$context.requestOverride.path.id");
    expect(answer({ ...given, body: "{}" })).toBe("e-1");
  });
});

it("refuses directives that it does not have, when the template is read", () => {
  expect(() => readTemplate("#macro(hello)hi#end #hello()")).toThrow("the lab models no macro");
  expect(() => readTemplate("#evaluate('x')")).toThrow("in mapping templates");
});
