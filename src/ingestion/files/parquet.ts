import {
  asyncBufferFromFile,
  parquetMetadataAsync,
  parquetRead,
  type AsyncBuffer,
  type FileMetaData,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { messageOf } from '../../core/errors.ts';
import { FileError, unreadable } from '../errors.ts';
import { plainValue, ROWS_PER_BATCH, type Row } from './row.ts';

/** Rows that are decoded together. */
export interface RowGroup {
  readonly rowStart: number;
  /** Exclusive. */
  readonly rowEnd: number;
}

type LocalStamp = (iso: string) => string;

/** A Parquet file whose row groups are decoded one at a time, each when it is asked for. */
export interface ParquetFile {
  readonly groups: readonly RowGroup[];
  /** Columns whose stamps have no zone, with what is said of an instant at that time in UTC. */
  readonly localColumns: ReadonlyMap<string, LocalStamp>;
  /** The values of each column of a row group, as hyparquet has them. */
  columns(group: RowGroup): Promise<ReadonlyMap<string, ArrayLike<unknown>>>;
  /** The values of a row group as objects. */
  rows(group: RowGroup): Promise<readonly Row[]>;
}

const damaged = (file: string, cause: unknown): FileError => {
  const said = messageOf(cause);
  return new FileError(
    'FILE_DAMAGED',
    `${file} is no whole Parquet file: fetch or write it again (${said})`,
    cause,
  );
};

const groupsOf = ({ row_groups }: FileMetaData): readonly RowGroup[] => {
  let rowStart = 0;
  return row_groups.map(({ num_rows }) => {
    const group = { rowStart, rowEnd: rowStart + Number(num_rows) };
    rowStart = group.rowEnd;
    return group;
  });
};

const dateOf: LocalStamp = (iso) => iso.slice(0, iso.indexOf('T'));
const withoutZone: LocalStamp = (iso) => iso.slice(0, -1);

const localStampOf = (element: FileMetaData['schema'][number]): LocalStamp | undefined => {
  if (element.converted_type === 'DATE') return dateOf;
  const type = element.logical_type;
  return type?.type === 'TIMESTAMP' && !type.isAdjustedToUTC ? withoutZone : undefined;
};

const localColumnsOf = ({ schema }: FileMetaData): ReadonlyMap<string, LocalStamp> => {
  const stamps = new Map<string, LocalStamp>();
  for (const element of schema) {
    const stamp = localStampOf(element);
    if (stamp !== undefined) stamps.set(element.name, stamp);
  }
  return stamps;
};

const readMetadata = async (file: string, buffer: AsyncBuffer): Promise<FileMetaData> => {
  try {
    const metadata = await parquetMetadataAsync(buffer);
    const rows = metadata.row_groups.reduce((sum, { num_rows }) => sum + Number(num_rows), 0);
    if (rows === Number(metadata.num_rows)) return metadata;
    throw new Error(`${Number(metadata.num_rows)} rows are promised, ${rows} are there`);
  } catch (cause) {
    throw damaged(file, cause);
  }
};

/** Opens a Parquet file; FILE_UNREADABLE when there is none, FILE_DAMAGED when it is not whole. */
export const openParquet = async (file: string): Promise<ParquetFile> => {
  const buffer = await asyncBufferFromFile(file).catch((cause: unknown) => {
    throw unreadable(file, cause);
  });
  const metadata = await readMetadata(file, buffer);
  const options = { file: buffer, metadata, compressors };
  const whole = async <T>(read: () => Promise<T>): Promise<T> => {
    try {
      return await read();
    } catch (cause) {
      throw damaged(file, cause);
    }
  };
  return {
    groups: groupsOf(metadata),
    localColumns: localColumnsOf(metadata),
    columns: (group) =>
      whole(async () => {
        const columns = new Map<string, ArrayLike<unknown>>();
        await parquetRead({
          ...options,
          ...group,
          onChunk: ({ columnName, columnData }) => columns.set(columnName, columnData),
        });
        return columns;
      }),
    rows: (group) =>
      whole(async () => {
        let rows: readonly Row[] = [];
        await parquetRead({
          ...options,
          ...group,
          rowFormat: 'object',
          onComplete: (complete) => (rows = complete),
        });
        return rows;
      }),
  };
};

/** A stamp without a zone is written without one, so that `source.timeZone` says how it is read. */
const plainRow = (row: Row, localColumns: ReadonlyMap<string, LocalStamp>): Row => {
  const plain: Record<string, unknown> = {};
  for (const [column, value] of Object.entries(row)) {
    const made = plainValue(value);
    const stamp = value instanceof Date ? localColumns.get(column) : undefined;
    plain[column] = stamp !== undefined && typeof made === 'string' ? stamp(made) : made;
  }
  return plain;
};

/** Rows of a Parquet file in batches, one row group in memory at a time. */
export async function* parquetRows(file: string): AsyncGenerator<readonly Row[]> {
  const parquet = await openParquet(file);
  for (const group of parquet.groups) {
    const rows = await parquet.rows(group);
    for (let start = 0; start < rows.length; start += ROWS_PER_BATCH) {
      const batch = rows.slice(start, start + ROWS_PER_BATCH);
      yield batch.map((row) => plainRow(row, parquet.localColumns));
    }
  }
}
