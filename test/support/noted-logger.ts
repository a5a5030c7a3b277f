import type { LogFields, Logger } from '../../src/telemetry/logger.ts';

/** A line that was logged. */
export interface NotedLine {
  readonly level: keyof Logger;
  readonly message: string;
  readonly fields: LogFields;
}

export interface NotedLogger extends Logger {
  readonly lines: readonly NotedLine[];
}

/** A logger that keeps its lines. */
export const notedLogger = (): NotedLogger => {
  const lines: NotedLine[] = [];
  const at =
    (level: keyof Logger) =>
    (message: string, fields: LogFields = {}): void => {
      lines.push({ level, message, fields });
    };
  return {
    ...{ debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
    lines,
  };
};
