/** One number of a benchmark, with what is hoped of it. */
export interface Figure {
  readonly name: string;
  /** null: there is none, and the note says why. */
  readonly value: number | null;
  readonly unit: string;
  readonly goal?: Goal;
  readonly note?: string;
}

/** Exactly one of both. */
export interface Goal {
  readonly atMost?: number;
  readonly atLeast?: number;
}

const formatted = (value: number): string =>
  value.toLocaleString('en-US', { maximumFractionDigits: value < 100 ? 2 : 0 });

const goalText = ({ atMost, atLeast }: Goal): string =>
  atMost === undefined ? `≥ ${formatted(atLeast ?? 0)}` : `≤ ${formatted(atMost)}`;

/** Undefined where there is nothing to compare. */
const isMet = ({ value, goal }: Figure): boolean | undefined => {
  if (goal === undefined || value === null) return undefined;
  const { atMost = Infinity, atLeast = -Infinity } = goal;
  return value <= atMost && value >= atLeast;
};

const verdictOf = (figure: Figure): string => {
  const met = isMet(figure);
  if (met === undefined) return '';
  return met ? 'met' : 'missed';
};

const cellsOf = (figure: Figure): readonly string[] => [
  figure.name,
  figure.value === null ? '-' : formatted(figure.value),
  figure.unit,
  figure.goal === undefined ? '' : goalText(figure.goal),
  figure.note ?? verdictOf(figure),
];

const HEADINGS = ['', 'value', 'unit', 'goal', ''] as const;
/** The column of numbers, which end at one line. */
const VALUE_COLUMN = 1;

/** Figures in columns, the goal beside each. */
export const table = (figures: readonly Figure[]): string => {
  const rows = [HEADINGS, ...figures.map(cellsOf)];
  const widths = HEADINGS.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === VALUE_COLUMN ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return rows.map(line).join('\n');
};
