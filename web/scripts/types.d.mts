/** The text of src/api/schema.ts. */
export function types(): Promise<string>
