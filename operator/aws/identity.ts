// Who is asking, as AWS knows them: what goes into requestedBy and by. Each Region answers for
// itself, so that the loss of one doesn't leave the operator nameless.
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import type { Config } from "../../core/config/schema.ts";
import { vantageRegions } from "../../core/names.ts";
import { firstOf, within } from "./asking.ts";
import type { Clients } from "./clients.ts";

export interface Identity {
  readonly arn: string;
  readonly account: string;
}

/** Throws AwsFault. */
export function whoAmI(clients: Clients, config: Config): Promise<Identity> {
  return firstOf(vantageRegions(config), async (region) => {
    const answer = await within(region, (options) =>
      clients.identity(region).send(new GetCallerIdentityCommand({}), options),
    );
    const { Arn: arn, Account: account } = answer;
    if (arn === undefined || account === undefined) {
      throw new Error(`STS in ${region} answered without an identity.`);
    }
    return { arn, account };
  });
}
