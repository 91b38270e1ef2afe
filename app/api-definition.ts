// What a team says of its API: the function that answers, the file that holds it, and the routes
// that lead to it. The routes that looks and canaries need are added to every API.

/** open: anybody may call. signed: IAM-authorised callers of the account. */
export type RouteAccess = "open" | "signed";

export interface ApiRoute {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** As API Gateway writes it: "/orders/{id}". */
  readonly path: string;
  readonly access: RouteAccess;
}

export interface ApiDefinition {
  /** Name of the function, behind the application's name; not one of the controller's own. */
  readonly functionName: string;
  /** The file that exports `handler`: absolute, or below the project's root. */
  readonly entry: string;
  readonly routes: readonly ApiRoute[];
  /** Items of its own stand in the application table, as the sample's do. Default: false. They
   * belong into tables of the team's own, which the configuration names. */
  readonly keepsApplicationItems?: boolean;
}
