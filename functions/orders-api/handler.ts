// The orders API of one Region.
import { defineApi } from "../api/define-api.ts";
import { orderRoutes } from "./api.ts";

export const handler = defineApi("orders-api", orderRoutes);
