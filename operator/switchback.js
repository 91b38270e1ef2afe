#!/usr/bin/env node
// The package's `bin`: runs the command line from its TypeScript sources, as `npm run` does.
import { register } from "tsx/esm/api";

register();
await import("./main.ts");
