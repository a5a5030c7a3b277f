import { certificateProblem, type CertificateProblem } from '../../core/certificate-problem.ts';
import type { LogErrorCode } from '../errors.ts';

/** What a connection was to be like, for messages; no password is among it. */
export interface ConnectionKind {
  readonly hasTls: boolean;
  /** Undefined: without a password. */
  readonly user: string | undefined;
  readonly mechanism: string | undefined;
}

export interface ConnectionProblem {
  readonly code: LogErrorCode;
  /** What to do, behind what was said. */
  readonly advice: string;
}

/** A library's error, as far as it is looked at here. */
interface Said {
  readonly name: string;
  readonly message: string;
  readonly code: string;
  readonly type: string;
}

const CAUSES_MAX = 5;

const textOf = (error: Error, key: string): string => {
  const value: unknown = key in error ? error[key as keyof Error] : '';
  return typeof value === 'string' ? value : '';
};

/** An error and what it came from, the outermost first. */
const chainOf = (error: unknown): readonly Said[] => {
  const chain: Said[] = [];
  for (let one = error; one instanceof Error && chain.length < CAUSES_MAX; one = one.cause) {
    const { name, message } = one;
    chain.push({ name, message, code: textOf(one, 'code'), type: textOf(one, 'type') });
  }
  return chain;
};

const CERTIFICATE_ADVICE: Readonly<Record<CertificateProblem, string>> = {
  'unknown authority':
    'name the file of the authority that signed the certificate of the broker as kafka.ssl.ca',
  'other name':
    'name the broker in kafka.brokers, and in its advertised.listeners, as its certificate does',
  expired: 'renew the certificate of the broker',
  'not yet valid': 'set the clocks of both machines',
};

const WITHOUT_TLS = 'this port may not speak TLS: check kafka.brokers, or leave kafka.ssl out';

const tlsAdvice = ({ code, message }: Said): string | undefined => {
  const problem = certificateProblem(code);
  if (problem !== undefined) return CERTIFICATE_ADVICE[problem];
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG/.test(code)) return WITHOUT_TLS;
  if (/alert (certificate required|bad certificate|handshake failure)/i.test(message)) {
    return 'the broker wants a certificate of its clients: name kafka.ssl.cert and kafka.ssl.key';
  }
  return code.startsWith('ERR_SSL_') || code === 'EPROTO' ? 'check kafka.ssl' : undefined;
};

const isHungUp = ({ name, code, message }: Said): boolean =>
  code === 'ECONNRESET' ||
  code === 'EPIPE' ||
  name === 'KafkaJSConnectionClosedError' ||
  /closed by the server|before secure TLS connection/i.test(message);

const hungUpAdvice = ({ hasTls, user }: ConnectionKind): string => {
  if (hasTls && user !== undefined) return WITHOUT_TLS;
  if (hasTls) {
    return (
      'this port may want a password (kafka.sasl) or a certificate of its clients ' +
      '(kafka.ssl.cert), or speak no TLS (leave kafka.ssl out)'
    );
  }
  return user === undefined
    ? 'this port may speak TLS (kafka.ssl) or want a password (kafka.sasl)'
    : 'this port may speak TLS: set kafka.ssl';
};

const isRefusedUser = ({ name, type }: Said): boolean =>
  name === 'KafkaJSSASLAuthenticationError' || type.includes('SASL');

/** What is wrong with a connection, where that is known; of the rest nobody answers. */
export const connectionProblem = (
  error: unknown,
  kind: ConnectionKind,
): ConnectionProblem | undefined => {
  const chain = chainOf(error);
  if (chain.some(isRefusedUser)) {
    return {
      code: 'LOG_AUTHENTICATION',
      advice:
        `check kafka.sasl: user ${kind.user ?? 'none'}, mechanism ${kind.mechanism ?? 'none'}, ` +
        'and the password',
    };
  }
  const advice = chain.map(tlsAdvice).find((one) => one !== undefined);
  if (advice !== undefined) return { code: 'LOG_TLS', advice };
  if (!chain.some(isHungUp)) return undefined;
  return { code: 'LOG_UNREACHABLE', advice: hungUpAdvice(kind) };
};
