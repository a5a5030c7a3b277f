export interface RegisteredSchema {
  readonly id: number;
  readonly subject: string;
  readonly version: number;
  /** Avro schema as JSON. */
  readonly schema: string;
}

/**
 * Where writer schemas have their ids. The embedded log keeps its own; on Kafka it is a Confluent
 * registry.
 */
export interface SchemaRegistry {
  /**
   * The id of this schema under this subject, registered if it is new and compatible (code
   * `SCHEMA_INCOMPATIBLE` if not).
   */
  register(subject: string, schema: string): Promise<RegisteredSchema>;
  /** undefined: no such id. */
  byId(id: number): Promise<RegisteredSchema | undefined>;
  subjects(): Promise<readonly RegisteredSchema[]>;
}
