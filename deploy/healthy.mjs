/* global fetch, AbortSignal, process */
// Exits with 0 if the tidecast of this container answers: an image for Node has no curl.
const answer = await fetch('http://127.0.0.1:8000/health', { signal: AbortSignal.timeout(4000) });
process.exit(answer.ok ? 0 : 1);
