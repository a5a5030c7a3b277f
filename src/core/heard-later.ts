/**
 * The same promise, of which somebody hears later than it may reject: until then its failure is
 * not one that nobody handles, which would end the process.
 */
export const heardLater = <T>(promise: Promise<T>): Promise<T> => {
  promise.catch(() => {
    // Whoever awaits it hears of it.
  });
  return promise;
};
