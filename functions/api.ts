// All that a team's own handler imports: the handler's maker, the write gate, and the ways to say
// yes and no. docs/own-application.md shows how they are used.
export { bodyOf, headerOf, invalid, json, problem } from "./api/answers.ts";
export { defineApi } from "./api/define-api.ts";
export { notFound } from "./api/serve.ts";
export { gated } from "./write-gate/gated.ts";
