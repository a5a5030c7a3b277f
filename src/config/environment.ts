/** The environment; nobody else reads it, so that every setting is a key with a meaning. */
export const processEnvironment = (): Readonly<Record<string, string | undefined>> => process.env;
