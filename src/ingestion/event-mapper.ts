import { messageOf } from '../core/errors.ts';
import { timeZone } from '../core/time-zone.ts';
import type { MappedEvent } from '../schemas/mapped-event.ts';
import type { Decoded } from '../schemas/serde.ts';
import { readAttribute, readId, readSeries } from './event-text.ts';
import { readEventTime, type EventTimeBounds } from './event-time.ts';
import { readValue } from './event-value.ts';
import { fieldPath, type RawEvent, type ReadField } from './field-path.ts';
import { excerpt, refusal, type Refusal } from './mapping-reason.ts';

/** How raw events are read: paths are dotted, `undefined` is not read. */
export interface EventSource {
  readonly series: string;
  readonly time: string;
  readonly value: string | undefined;
  readonly id: string | undefined;
  /** Where stamps without a zone are read. */
  readonly timeZone: string;
  /** Paths of the fields that become attributes, by the attribute's name. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface MappingLimits {
  readonly seriesIdBytesMax: number;
  readonly attributeBytesMax: number;
  /** How far after its append time an event may claim to be. */
  readonly maxAheadMs: number;
}

/** What the mapper needs of a log's record. */
export interface RawRecord {
  readonly value: Buffer | null;
  /** Epoch ms by the log's clock. */
  readonly appendedAtMs: number;
}

const NO_ATTRIBUTES: Readonly<Record<string, string>> = Object.freeze({});

const isRawEvent = (value: unknown): value is RawEvent =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The attributes of an event are texts, so none of them is `false`. */
const isRefusal = (result: Readonly<Record<string, string>> | Refusal): result is Refusal =>
  result.ok === false;

type ReadAttributes = (event: RawEvent) => Readonly<Record<string, string>> | Refusal;

const attributeReader = (
  paths: Readonly<Record<string, string>>,
  bytesMax: number,
): ReadAttributes => {
  const fields = Object.entries(paths).map(([name, path]) => ({ name, read: fieldPath(path) }));
  if (fields.length === 0) return () => NO_ATTRIBUTES;
  return (event) => {
    const attributes: Record<string, string> = {};
    for (const { name, read } of fields) {
      const text = readAttribute(read(event), bytesMax);
      if (typeof text === 'string') attributes[name] = text;
      else if (text !== undefined) return { ...text, detail: `${name}: ${text.detail}` };
    }
    return attributes;
  };
};

/** Maps the fields of events, however they were written. */
const fieldMapper = (
  source: EventSource,
  limits: MappingLimits,
): ((event: RawEvent, appendedAtMs: number) => MappedEvent) => {
  const seriesOf = fieldPath(source.series);
  const timeOf = fieldPath(source.time);
  const valueOf: ReadField = source.value === undefined ? () => null : fieldPath(source.value);
  const idOf = source.id === undefined ? undefined : fieldPath(source.id);
  const attributesOf = attributeReader(source.attributes, limits.attributeBytesMax);
  const bounds: EventTimeBounds = {
    zone: timeZone(source.timeZone),
    maxAheadMs: limits.maxAheadMs,
  };
  return (event, appendedAtMs) => {
    const seriesId = readSeries(seriesOf(event), limits.seriesIdBytesMax);
    if (typeof seriesId !== 'string') return seriesId;
    const eventTimeMs = readEventTime(timeOf(event), bounds, appendedAtMs);
    if (typeof eventTimeMs !== 'number') return eventTimeMs;
    const value = readValue(valueOf(event));
    if (typeof value === 'object' && value !== null) return value;
    const attributes = attributesOf(event);
    if (isRefusal(attributes)) return attributes;
    if (idOf === undefined) return { ok: true, seriesId, eventTimeMs, value, attributes };
    const id = readId(idOf(event), limits.seriesIdBytesMax);
    if (typeof id !== 'string') return id;
    return { ok: true, seriesId, eventTimeMs, value, attributes, id };
  };
};

/** The bytes of a record as what is in them. */
export type ReadBytes = (bytes: Buffer) => Decoded<unknown>;

/** The first byte of values that a schema registry knows, and of no JSON. */
const REGISTRY_MAGIC = 0;

const readJson: ReadBytes = (bytes) => {
  try {
    return { ok: true, value: JSON.parse(bytes.toString()) as unknown };
  } catch (error) {
    const detail = messageOf(error);
    const isFramed = bytes[0] === REGISTRY_MAGIC;
    const hint = ' (it begins as values of a schema registry do: `format: avro` reads Avro)';
    return refusal('VALUE_NOT_JSON', isFramed ? `${detail}${hint}` : detail);
  }
};

/**
 * Maps raw records, JSON unless something else reads them, to events of series. Never throws: what
 * cannot be used comes back with a reason, so that one bad record never costs a neighbour.
 */
export const eventMapper = (
  source: EventSource,
  limits: MappingLimits,
  read: ReadBytes = readJson,
): ((record: RawRecord) => MappedEvent) => {
  const mapFields = fieldMapper(source, limits);
  return ({ value, appendedAtMs }) => {
    if (value === null || value.length === 0) return refusal('VALUE_EMPTY', 'the record is empty');
    const event = read(value);
    if (!event.ok) return event;
    return isRawEvent(event.value)
      ? mapFields(event.value, appendedAtMs)
      : refusal('VALUE_NOT_AN_OBJECT', `${excerpt(event.value)} has no fields`);
  };
};
