/* global fetch, AbortSignal, process */
// Exits with 0 if the tidecast of this container lives: an image for Node has no curl.
const { TIDECAST_HTTP_PORT: port = '8000' } = process.env;
const url = `http://127.0.0.1:${port}/livez`;
const answer = await fetch(url, { signal: AbortSignal.timeout(4000) });
process.exit(answer.ok ? 0 : 1);
