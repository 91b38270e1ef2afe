// A cart for each user: written through the gate, read in either Region.
import { z } from "zod";
import { bodyOf, defineApi, gated, invalid, json, notFound } from "../../../functions/api.ts";

const cart = z.strictObject({ items: z.array(z.string().max(64)).max(50) });

export const handler = defineApi("carts-api", {
  "PUT /carts/{userId}": async (request, ports) => {
    const wanted = cart.safeParse(bodyOf(request));
    if (!wanted.success) return invalid(ports.region, wanted.error.issues);
    const item = { userId: request.pathParameters.userId, ...wanted.data };
    return gated(request, ports, async (writes) =>
      json(ports.region, 200, { ...(await writes.put("carts", item)) }),
    );
  },
  "GET /carts/{userId}": async ({ pathParameters: { userId } }, ports) => {
    const found = await ports.items.read("carts", { userId });
    return found === null ? notFound(ports, "No such cart.") : json(ports.region, 200, found);
  },
});
