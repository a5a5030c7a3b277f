/** Rounds to the nearest whole number, halves to the even one, as numpy and ONNX do. */
export const halfEven = (value: number): number => {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
};
