/** What is wrong with a certificate that the other side shows. */
export type CertificateProblem = 'unknown authority' | 'other name' | 'expired' | 'not yet valid';

/** By the codes of OpenSSL's verification, as Node has them in the `code` of an error. */
const PROBLEMS: Readonly<Record<string, CertificateProblem>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'unknown authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'unknown authority',
  UNABLE_TO_GET_ISSUER_CERT: 'unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'unknown authority',
  ERR_TLS_CERT_ALTNAME_INVALID: 'other name',
  CERT_HAS_EXPIRED: 'expired',
  CERT_NOT_YET_VALID: 'not yet valid',
};

/**
 * What a failure of TLS says of a certificate; undefined: nothing.
 * @see https://nodejs.org/api/tls.html#x509-certificate-error-codes
 */
export const certificateProblem = (code: string): CertificateProblem | undefined => PROBLEMS[code];
