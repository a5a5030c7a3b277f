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
  /** undefined: no such id. Of what is told beside the schema, subject and version may be blank. */
  byId(id: number): Promise<RegisteredSchema | undefined>;
  /** The version of the subject that this schema is; undefined: none yet. Registers nothing. */
  find(subject: string, schema: string): Promise<RegisteredSchema | undefined>;
  /** All versions of the subject, the oldest first; none where there is no such subject. */
  versions(subject: string): Promise<readonly RegisteredSchema[]>;
  /** What the next version of the subject is held to: `BACKWARD_TRANSITIVE`, or what others set. */
  compatibility(subject: string): Promise<string>;
  /** The last version of every subject, by name. */
  subjects(): Promise<readonly RegisteredSchema[]>;
}
