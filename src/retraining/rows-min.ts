/** Rows (series × origins) below which there is nothing to learn but noise. */
export const ROWS_MIN = 20;
