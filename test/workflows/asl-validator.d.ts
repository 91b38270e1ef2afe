// The package's types are not found by its "exports"; this is what is used of it.
declare module "asl-validator" {
  export default function validate(definition: unknown): { isValid: boolean; errors: unknown[] };
}
