// A shop's carts in two Regions: everything that a team says of its application.
import { join } from "node:path";
import type { ApiDefinition } from "../../../app/api-definition.ts";
import { RegionalApplication } from "../../../app/regional-application.ts";
import { runApp } from "../../../app/run.ts";

const folder = import.meta.dirname;

const api: ApiDefinition = {
  functionName: "carts-api",
  entry: join(folder, "handler.ts"),
  routes: [
    { method: "PUT", path: "/carts/{userId}", access: "open" },
    { method: "GET", path: "/carts/{userId}", access: "open" },
  ],
};

await runApp(join(folder, "switchback.config.json"), api, (app, props) => {
  new RegionalApplication(app, "Shop", props);
});
