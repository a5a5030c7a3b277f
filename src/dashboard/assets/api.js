/** An answer that takes longer is a failure that can be shown, instead of a page that hangs. */
const TIMEOUT_MS = 15_000;

/** Paths are relative, so that the page also works below a prefix. */
export const address = (path, parameters = {}) => {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined && value !== '') query.set(name, String(value));
  }
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
};

const refusal = async (response) => {
  const body = await response.json().catch(() => ({ detail: response.statusText }));
  const detail = typeof body.detail === 'string' ? body.detail : JSON.stringify(body.detail);
  return { failure: { status: response.status, message: detail } };
};

/** `{ value }`, or `{ failure: { status, message } }`: what fails is shown, never thrown. */
export const read = async (path, parameters, signal = null) => {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
  signal?.addEventListener('abort', () => abort.abort());
  try {
    const response = await fetch(address(path, parameters), { signal: abort.signal });
    return response.ok ? { value: await response.json() } : await refusal(response);
  } catch (error) {
    const isAbandoned = signal?.aborted ?? false;
    return { failure: { status: 0, message: error.message, isAbandoned } };
  } finally {
    clearTimeout(timer);
  }
};

/** A reader of which only the latest answer counts: what it was asked before is abandoned. */
export const latestRead = () => {
  let request = null;
  return (path, parameters) => {
    request?.abort();
    request = new AbortController();
    return read(path, parameters, request.signal);
  };
};
