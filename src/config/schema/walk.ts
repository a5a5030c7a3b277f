/** A node of a JSON Schema, as far as this room reads it. */
export interface SchemaNode {
  readonly type?: string | undefined;
  readonly description?: string | undefined;
  readonly otherwise?: string | undefined;
  readonly default?: unknown;
  /** Nothing acts on the key yet, or on some of its words. */
  readonly notInEffect?: true | readonly unknown[] | undefined;
  readonly enum?: readonly unknown[] | undefined;
  readonly format?: string | undefined;
  readonly pattern?: string | undefined;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly minItems?: number | undefined;
  readonly maxItems?: number | undefined;
  readonly properties?: Readonly<Record<string, SchemaNode>> | undefined;
  readonly patternProperties?: Readonly<Record<string, SchemaNode>> | undefined;
  readonly items?: SchemaNode | undefined;
  readonly anyOf?: readonly SchemaNode[] | undefined;
}

/** What the node says of objects: itself, or that one of its alternatives. */
const objectNode = (node: SchemaNode): SchemaNode =>
  node.anyOf?.find(({ properties }) => properties !== undefined) ?? node;

/** The keys that are known below a node; none where names are free. */
export const keysOf = (node: SchemaNode): readonly string[] =>
  Object.keys(objectNode(node).properties ?? {});

/** The node of every entry where names are free, such as `streams`. */
export const entryOf = (node: SchemaNode): SchemaNode | undefined =>
  Object.values(node.patternProperties ?? {})[0];

/** The node below one key; only own keys count, so that `__proto__` is unknown too. */
export const childOf = (node: SchemaNode, key: string): SchemaNode | undefined => {
  const { properties } = objectNode(node);
  return properties !== undefined && Object.hasOwn(properties, key)
    ? properties[key]
    : entryOf(node);
};

/** Whether a text is to be taken as it stands, not read as YAML. */
export const takesText = ({ type, anyOf }: SchemaNode): boolean =>
  type === 'string' || (anyOf?.some((alternative) => alternative.type === 'string') ?? false);
