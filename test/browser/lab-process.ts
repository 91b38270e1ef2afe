// The lab's process: it deploys the assembly, lets virtual time pass as far as it is told, and
// carries a browser's requests into the lab as a visitor near the primary would send them, with a
// resolver of the visitor's own. Arguments: configuration file, folder of the assembly.
import { readFileSync } from "node:fs";
import { configSchema } from "../../core/config/schema.ts";
import { websiteBucketPrefix } from "../../core/names.ts";
import { CachingResolver } from "../../lab/dns/resolver.ts";
import { account, startLab } from "../../lab/lab.ts";
import { type Command, commandSchema, type LabResponse, type SentRequest } from "./messages.ts";

const [configFile = "", folder = ""] = process.argv.slice(2);
const config = configSchema.parse(JSON.parse(readFileSync(configFile, "utf8")));
const zero = Date.UTC(2026, 0, 15, 9, 0, 0);
const lab = await startLab({ config, seed: 1, folder, zero, warmUpMilliseconds: 150_000 });
const { clock, web, network, s3 } = lab;
const from = { internet: config.regions.primary };
const resolver = new CachingResolver(lab.lab, { from });

async function exchange(request: SentRequest): Promise<LabResponse> {
  const { values } = await resolver.resolve(request.host, "A");
  const [address] = values;
  if (address === undefined) throw new Error(`${request.host} has no address`);
  return await web.exchange(from, address, request);
}

async function carryOut(command: Command): Promise<void> {
  const answer = (response: LabResponse | null) => process.send?.({ id: command.id, response });
  switch (command.kind) {
    case "advance":
      await clock.runUntil(clock.now() + command.milliseconds);
      answer(null);
      return;
    case "exchange":
      // Not waited for: it takes virtual time, which only the next command lets pass.
      void exchange(command.request).then(answer);
      return;
    case "set-down":
      network.setDown(command.region, command.isDown);
      answer(null);
      return;
    case "delete-page":
      s3.deleteBucket(
        command.region,
        `${websiteBucketPrefix(config)}-${account}-${command.region}-an`,
      );
      answer(null);
      return;
    default:
      command satisfies never;
  }
}

// One after the other: nothing happens in the lab while its time passes but what it does itself.
let last = clock.runUntil(zero);
process.on("message", (message) => {
  last = last.then(() => carryOut(commandSchema.parse(message)));
});
process.on("disconnect", () => process.exit());
last.then(() => process.send?.({ id: 0, response: null }));
