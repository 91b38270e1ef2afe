// The sample's CDK app: what cdk.json and `npm run synth` run.
import { join } from "node:path";
import { projectFolder } from "./bundles.ts";
import { ordersApi } from "./orders-api.ts";
import { RegionalApplication } from "./regional-application.ts";
import { runApp } from "./run.ts";

await runApp(join(projectFolder, "switchback.config.json"), ordersApi, (app, props) => {
  new RegionalApplication(app, "Application", props);
});
