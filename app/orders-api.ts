// The sample: orders of customers. Its routes are open, as its customers have no identity.
import type { ApiDefinition } from "./api-definition.ts";

export const ordersApi: ApiDefinition = {
  functionName: "orders-api",
  entry: "functions/orders-api/handler.ts",
  keepsApplicationItems: true,
  routes: [
    { method: "GET", path: "/orders", access: "open" },
    { method: "POST", path: "/orders", access: "open" },
    { method: "GET", path: "/orders/{id}", access: "open" },
  ],
};
