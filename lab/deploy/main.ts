// The process of a synthesizer: one CDK app after the other, as ordered. An app is done when it has
// nothing left to do, as by itself on the command line, whether it awaited its own end or not.
import { pathToFileURL } from "node:url";
import { orderSchema, type Report } from "./orders.ts";

let orders = 0;

// An app says why it ended on either stream; whoever ordered it hears one.
process.stdout.write = process.stderr.write.bind(process.stderr);

process.on("disconnect", () => process.exit(1));
process.on("message", async (message) => {
  const { appFile, cwd, environment } = orderSchema.parse(message);
  Object.assign(process.env, environment);
  process.chdir(cwd);
  orders += 1;
  // What waits for the next order is not part of the app.
  process.channel?.unref();
  // A module runs once: the query makes it another one.
  await import(`${pathToFileURL(appFile).href}?${orders}`);
});
process.on("beforeExit", () => {
  if (process.exitCode) process.exit();
  process.channel?.ref();
  process.send?.({ kind: "synthesized" } satisfies Report);
});
