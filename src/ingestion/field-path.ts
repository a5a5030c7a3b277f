/** What JSON or Avro made of one raw event. */
export type RawEvent = Readonly<Record<string, unknown>>;

export type ReadField = (event: RawEvent) => unknown;

const isObject = (value: unknown): value is RawEvent => typeof value === 'object' && value !== null;

/**
 * Reads the field at a dotted path: `store.id` is `id` inside `store`, or a field whose own name is
 * `store.id` (a column of a file). Undefined when there is none.
 */
export const fieldPath = (path: string): ReadField => {
  const parts = path.split('.');
  if (parts.length === 1) return (event) => event[path];
  return (event) => {
    let value: unknown = event;
    for (const part of parts) value = isObject(value) ? value[part] : undefined;
    return value === undefined ? event[path] : value;
  };
};
