import { ROOT } from '../support/repository.ts';

/**
 * A module of the page. The page is plain JavaScript, so what it exports has the types that its
 * test states; a module that changed its shape fails the test by behaving otherwise.
 */
export const pageModule = async <T>(name: string): Promise<T> => {
  const loaded: unknown = await import(`${ROOT}src/dashboard/assets/${name}.js`);
  // The caller states what the module exports; see above.
  return loaded as T;
};
