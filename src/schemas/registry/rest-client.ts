import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { certificateProblem, type CertificateProblem } from '../../core/certificate-problem.ts';
import { SchemaError } from '../errors.ts';

/** How a client proves who it is, and whom it believes. */
export interface RegistryAccess {
  /** Basic authentication; none when it is left out. */
  readonly auth?: { readonly username: string; readonly password: string } | undefined;
  /** PEM, of a private authority and of a client; else what this machine knows. */
  readonly tls?:
    { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer } | undefined;
}

export interface RestClientOptions extends RegistryAccess {
  /** `http://127.0.0.1:8081`, or where a compatible registry has that API. */
  readonly address: string;
  /** How long an answer may take. */
  readonly answerMs?: number | undefined;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** A registry that takes longer is as good as none. */
const ANSWER_MS = 10_000;
/** Schemas are some kilobytes, and lists of subjects hardly more. */
const ANSWER_BYTES_MAX = 16 << 20;
const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json';

const UNAUTHORIZED = 401;
const FORBIDDEN = 403;

const CERTIFICATE_ADVICE: Readonly<Record<CertificateProblem, string>> = {
  'unknown authority':
    'name the file of the authority that signed its certificate as kafka.registrySsl.ca',
  'other name': 'name it in kafka.registry as its certificate does',
  expired: 'renew its certificate',
  'not yet valid': 'set the clocks of both machines',
};

/** What to do about a failure of TLS; undefined: it is none. */
const tlsAdvice = (code: string): string | undefined => {
  const problem = certificateProblem(code);
  if (problem !== undefined) return CERTIFICATE_ADVICE[problem];
  return code.startsWith('ERR_SSL_') || code === 'EPROTO'
    ? 'this port may not speak TLS, or want a certificate of its clients: check kafka.registry ' +
        'and kafka.registrySsl'
    : undefined;
};

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

export const fieldOf = (body: unknown, name: string): unknown =>
  // Looked up by name: whatever it is, the caller judges it.
  typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;

export const saidIn = ({ status, body }: Answer): string => {
  const said = fieldOf(body, 'message');
  return typeof said === 'string' ? said : `status ${status}`;
};

const textOf = async (response: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // A stream without an encoding gives buffers.
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) throw new Error(`more than ${ANSWER_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
};

const parsed = (text: string): unknown => {
  try {
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  } catch {
    // A page of a proxy, say: its status tells enough.
    return undefined;
  }
};

/**
 * Asks a registry over HTTP or HTTPS, a connection a question: questions are few, and none meets a
 * connection that the other side has just closed. No message has the password.
 */
export class RestClient {
  private readonly base: URL;
  private readonly options: RestClientOptions;

  constructor(options: RestClientOptions) {
    const { address } = options;
    this.base = new URL(address.endsWith('/') ? address : `${address}/`);
    this.options = options;
  }

  async ask(method: string, path: string, body?: object): Promise<Answer> {
    let answer: Answer;
    try {
      const response = await this.send(method, path, body);
      answer = { status: response.statusCode ?? 0, body: parsed(await textOf(response)) };
    } catch (error) {
      throw this.failure(error);
    }
    if (answer.status !== UNAUTHORIZED && answer.status !== FORBIDDEN) return answer;
    const user = this.options.auth?.username;
    const what = user === undefined ? 'wants a password' : `does not let user ${user} do this`;
    throw new SchemaError(
      'SCHEMA_REGISTRY_AUTHENTICATION',
      `the schema registry at ${this.options.address} ${what} (status ${answer.status}): check ` +
        'kafka.registryAuth',
      { retriable: true },
    );
  }

  unreachable(message: string, cause?: unknown): SchemaError {
    const { address } = this.options;
    const text = `${message}; look at the registry at ${address}, or set kafka.registry`;
    return new SchemaError('SCHEMA_REGISTRY_UNREACHABLE', text, { cause, retriable: true });
  }

  private failure(error: unknown): SchemaError {
    const advice = tlsAdvice(codeOf(error));
    const said = error instanceof Error ? error.message || codeOf(error) : String(error);
    if (advice === undefined) {
      return this.unreachable(`the schema registry does not answer: ${said}`, error);
    }
    return new SchemaError(
      'SCHEMA_REGISTRY_TLS',
      `the schema registry at ${this.options.address} cannot be trusted (${said}): ${advice}`,
      { cause: error, retriable: true },
    );
  }

  private send(method: string, path: string, body?: object): Promise<IncomingMessage> {
    const { auth, tls, answerMs = ANSWER_MS } = this.options;
    const url = new URL(path, this.base);
    const content = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const options = {
      ...{ method, agent: false, signal: AbortSignal.timeout(answerMs) },
      ...(auth === undefined ? {} : { auth: `${auth.username}:${auth.password}` }),
      headers: {
        accept: CONTENT_TYPE,
        'content-type': CONTENT_TYPE,
        ...(content === undefined ? {} : { 'content-length': content.length }),
      },
    };
    return new Promise((resolve, reject) => {
      const request =
        url.protocol === 'https:'
          ? httpsRequest(url, { ...options, ...tls }, resolve)
          : httpRequest(url, options, resolve);
      request.once('error', reject);
      request.end(content);
    });
  }
}
